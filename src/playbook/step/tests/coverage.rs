//! Blocks that a run reaches.

use super::harness::{input, program, with_stack};
use crate::playbook::{load, step, trace};

/// The lines of blocks that are reached, and of those that are not.
fn lines(source: &str) -> (Vec<u32>, Vec<u32>) {
    let program = program(source);
    with_stack(move || {
        let traced = trace(&program).unwrap();
        let reached = traced.reached(input(Vec::new()));
        let (hit, missed): (Vec<_>, Vec<_>) =
            traced.blocks().iter().enumerate().partition(|(place, _)| reached.contains(place));
        let lines = |blocks: Vec<(usize, &crate::playbook::Block)>| blocks.iter().map(|(_, b)| b.line).collect();
        (lines(hit), lines(missed))
    })
}

#[test]
fn every_kind_of_block_is_told() {
    let source = "\
//! title: Blocks
fn helper(x) { x + 1 }
fn unused(x) { x }
fn on_alert(alert) {
    let text = \"é\"; let map = #{ a: 1 }; if alert.severity == \"low\" {
        log.info(`${helper(1)}`);
    } else if alert.title == \"x\" {
        fail(\"x\");
    } else {
        helper(2);
    }
    for e in alert.entities {
        while false {
        }
    }
    try { throw \"x\"; }
    catch (e) { helper(1); }
    let y = switch alert.title {
        \"low\" => { 1 }
        \"Brute force\" => { 2 }
    };
    let names = alert.entities.filter(|e| { e.type == \"ip\" }).map(|e| e.address);
    do {
    } until true;
    let value = if y == 2 { \"two\" } else { \"other\" };
    return value;
}
";
    let (hit, missed) = lines(source);
    assert_eq!(missed, [3, 5, 7, 13, 19, 25]);
    assert_eq!(hit, [2, 4, 9, 12, 16, 17, 20, 22, 23, 25]);
}

#[test]
fn marks_change_nothing_of_what_a_script_does() {
    let source =
        "fn on_alert(alert) { let x = if true { 3 } else { 4 }; if x == 3 {} connection(\"a\").post(#{ x: x }); }";
    with_stack(move || {
        let plain = load(&program(source)).unwrap();
        let traced = trace(&program(source)).unwrap();
        let limits = Default::default();
        let (one, two) = (step(&plain, input(Vec::new()), &limits), step(&traced.compiled, input(Vec::new()), &limits));
        assert_eq!(format!("{:?}", one.new_steps), format!("{:?}", two.new_steps));
        assert_eq!(traced.reached(input(Vec::new())).len(), 3, "of four, and the wait ends it there");
    });
}
