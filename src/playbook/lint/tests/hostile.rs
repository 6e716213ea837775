//! Texts that want to exhaust the check itself.

use super::said_of;

#[test]
fn a_hostile_text_exhausts_neither_stack_nor_time() {
    let watch = crate::clock::Stopwatch::start();
    for body in [
        "(".repeat(60_000),
        format!("{}1{}", "[".repeat(30_000), "]".repeat(30_000)),
        format!("let x = {}1;", "!".repeat(60_000)),
        format!("alert{}", ".a".repeat(30_000)),
        format!("alert{}", "[0]".repeat(20_000)),
        format!("1{}", "+1".repeat(30_000)),
        "{".repeat(60_000),
        "if alert {} else ".repeat(3_500),
        "`${".repeat(20_000),
        "|x| ".repeat(15_000),
        "/*".repeat(30_000),
        "nope();".repeat(9_000),
        format!("switch 1 {{ {} }}", (0..6_000).map(|n| format!("{n}=>1,")).collect::<String>()),
    ] {
        assert!(!said_of(&body).is_empty() || body.starts_with("switch"), "{}", &body[..20]);
    }
    assert!(watch.elapsed().as_secs() < 30, "{:?}", watch.elapsed());
}
