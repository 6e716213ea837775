//! What the tree remembers and forgets.

use super::super::super::atoms::AtomId;
use super::*;

/// The way through a text of values in quotes, which are asked about or are not.
fn way_of(text: &str, is_asked: bool) -> Trace {
    let mut trace = Trace::default();
    trace.begin(0);
    let mut steps = Steps::new(text);
    while let Some(quote) = text[steps.at()..].find('"') {
        steps.over(&text.as_bytes()[steps.at()..=steps.at() + quote]).unwrap();
        trace.effect(Effect::Mark(steps.at() as u32));
        trace.stop(Stop::Text(is_asked.then_some(0)), steps.at(), is_asked);
        steps.string_rest().unwrap();
        trace.resume(steps.at());
    }
    trace.stop(Stop::End, text.len(), true);
    trace
}

fn way(text: &str) -> Trace {
    way_of(text, true)
}

/// The atoms that are marked on the way through a text, if it is of a shape that is known.
fn along(shapes: &mut Shapes, root: NodeId, text: &str) -> Option<Vec<AtomId>> {
    let (mut steps, mut at, mut marked) = (Steps::new(text), root, Vec::new());
    loop {
        let next = shapes.next(at, &mut steps)?;
        at = next.node;
        marked.extend(next.effects.iter().map(|effect| match effect {
            Effect::Mark(atom) => *atom,
            Effect::Put(..) | Effect::Gather(_) => 0,
        }));
        match next.stop {
            Stop::End => return Some(marked),
            _ => steps.string_rest()?,
        }
    }
}

#[test]
fn what_stands_between_values_decides_whether_a_text_is_alike() {
    let mut shapes = Shapes::new(2);
    for text in [r#"["a"]"#, r#"["a","b"]"#, r#"["a", "b"]"#, r#"{"a"}"#] {
        assert_eq!(along(&mut shapes, 1, text), None, "{text}");
        for _ in 0..2 {
            shapes.add(1, text, &way(text));
            assert!(along(&mut shapes, 1, text).is_some() && along(&mut shapes, 0, text).is_none(), "{text}");
        }
    }
    // Two roots, and no stop of four ways stands twice.
    assert_eq!(shapes.nodes.len(), 2 + 2 + 2 + 2 + 2);
    for _ in 0..3 {
        assert_eq!(along(&mut shapes, 1, r#"["other \" one","b"]"#), Some(vec![2, 6]));
        assert_eq!(along(&mut shapes, 1, r#"["", "b"]"#), Some(vec![2, 7]));
        for other in [r#"["a"], "#, r#"["a","b","c"]"#, r#"["a" ,"b"]"#, r#"["a""#, r#"["a"#, "", r#"{"a"]"#] {
            assert_eq!(along(&mut shapes, 1, other), None, "{other}");
        }
    }
}

/// Short stretches are compared at once and long ones are not; whether anything stands behind them does not matter.
#[test]
fn stretches_of_any_length_are_compared_to_their_end() {
    for length in 0..=2 * AT_ONCE + 2 {
        let mut shapes = Shapes::new(1);
        for behind in [String::new(), "\0".repeat(AT_ONCE), "é".repeat(AT_ONCE)] {
            let text = |between: &str| format!("{between}\"\"{behind}");
            let between: String = (0..length).map(|at| char::from(b'a' + at as u8 % 26)).collect();
            let text_of = text(&between);
            shapes.add(0, &text_of, &way(&text_of));
            assert!(along(&mut shapes, 0, &text_of).is_some(), "{text_of}");
            for at in 0..length {
                let mut other = between.clone();
                other.replace_range(at..=at, "?");
                assert_eq!(along(&mut shapes, 0, &text(&other)), None, "{other}");
            }
            for other in [format!("{between}\0"), between[..length.saturating_sub(1)].to_owned()] {
                assert!(other == between || along(&mut shapes, 0, &text(&other)).is_none(), "{other}");
            }
        }
    }
}

/// Tells of a text whether it was walked along others; if not, it is remembered.
fn tell(shapes: &mut Shapes, text: &str) -> bool {
    let is_known = along(shapes, 0, text).is_some();
    if !is_known {
        shapes.add(0, text, &way_of(text, false));
    }
    is_known
}

#[test]
fn what_nobody_asks_about_is_no_stop_until_another_was_seen_in_its_place() {
    let mut shapes = Shapes::new(1);
    for (text, is_known) in [
        (r#"a"1" b"1" c"1""#, false),
        (r#"a"1" b"1" c"1""#, true),
        (r#"a"1" b"2" c"1""#, false),
        (r#"a"1" b"3" c"1""#, true),
        (r#"a"1" b"1" c"2""#, false),
        (r#"a"1" b"4" c"4""#, true),
        (r#"a"2" b"4" c"4""#, false),
        (r#"a"3" b"5" c"""#, true),
        (r#"a"1" b"1" c"1""#, true),
        // What was seen behind a stretch counts wherever that stands.
        (r#"d"1" b"1" c"1""#, false),
        (r#"d"1" b"2" c"2""#, true),
        (r#"d"2" b"2" c"2""#, false),
        (r#"d"3" b"3" c"3""#, true),
    ] {
        assert_eq!(tell(&mut shapes, text), is_known, "{text}");
    }
    // What was taken to be always the same leads nowhere any more.
    assert_eq!(shapes.ways(0).count(), 2);
    // Effects stay where they belong, at whatever values there are no stops.
    assert_eq!(along(&mut shapes, 0, r#"a"7" b"77" c"7""#), Some(vec![2, 7, 12]));
}

#[test]
fn what_differs_between_values_says_nothing_of_them() {
    let mut shapes = Shapes::new(1);
    let texts = [r#"a"1" b"1""#, r#"a"1" c"1""#, r#"a"1" bc"1""#, r#"a"1""#];
    assert_eq!(texts.map(|text| tell(&mut shapes, text)), [false; 4]);
    assert_eq!(texts.map(|text| tell(&mut shapes, text)), [true; 4]);
}

#[test]
fn each_value_that_differs_costs_one_look_and_long_ones_none() {
    let mut shapes = Shapes::new(1);
    let text = |number: usize| (0..50).map(|key| format!("{key}\"{number}\" ")).collect::<String>();
    assert_eq!((0..200).filter(|number| !tell(&mut shapes, &text(*number))).count(), 51);
    let long = |number: usize| format!("long\"{number:0200}\"");
    assert_eq!((0..200).filter(|number| !tell(&mut shapes, &long(*number))).count(), 1);
    // What is learned stays so when there is no more room, and of large texts nothing short of all values is taken.
    for (keys, length, most) in [(200, 80, 210), (300, 120, 330), (995, 127, 1)] {
        let mut shapes = Shapes::new(1);
        let text = |number: usize| (0..keys).map(|key| format!("{key}\"{number:0length$}\" ")).collect::<String>();
        let missed = (0..500).filter(|number| !tell(&mut shapes, &text(*number))).count();
        assert!(missed <= most, "{missed} of {keys} values of {length} bytes");
    }
}

#[test]
fn what_was_told_is_known() {
    let mut random = fastrand::Rng::with_seed(5);
    for _ in 0..200 {
        let mut shapes = Shapes::new(1);
        for _ in 0..300 {
            let values = ["1", "12", "2", "", "1\\\"1"];
            let value = |random: &mut fastrand::Rng| values[random.usize(..values.len())];
            let text: String = (0..random.usize(1..6))
                .map(|_| format!("{}\"{}\"", ["a", "ab", " ", ""][random.usize(..4)], value(&mut random)))
                .collect();
            tell(&mut shapes, &text);
            assert!(along(&mut shapes, 0, &text).is_some(), "{text}");
        }
    }
}

#[test]
fn a_number_that_differs_says_nothing_of_a_text_in_its_place() {
    let mut shapes = Shapes::new(1);
    let number = |shapes: &mut Shapes, text: &str| {
        let mut trace = Trace::default();
        trace.begin(0);
        trace.stop(Stop::Number(None), 1, false);
        trace.resume(2);
        trace.stop(Stop::End, 2, true);
        shapes.add(0, text, &trace);
    };
    assert!(!tell(&mut shapes, r#"a"1""#));
    number(&mut shapes, "a1");
    number(&mut shapes, "a2");
    assert!(shapes.next(0, &mut Steps::new("a3")).is_some_and(|next| next.stop == Stop::Number(None)));
    assert!(tell(&mut shapes, r#"a"1""#));
    assert_eq!(shapes.ways(0).count(), 2);
}

#[test]
fn a_number_is_no_text_and_the_end_no_beginning() {
    let mut shapes = Shapes::new(1);
    let text = "[7]";
    let mut trace = Trace::default();
    trace.begin(0);
    trace.stop(Stop::Number(Some(0)), 1, true);
    trace.resume(2);
    trace.stop(Stop::End, 3, true);
    shapes.add(0, text, &trace);
    for (text, is_alike) in
        [("[8]", true), ("[-8]", true), ("[\"8]", false), ("[]", false), ("[8]]", false), ("[8] ", true)]
    {
        let mut steps = Steps::new(text);
        let number = shapes.next(0, &mut steps).map(|next| next.node);
        let end = number.and_then(|number| steps.number().and_then(|_| shapes.next(number, &mut steps)));
        assert_eq!(end.is_some(), is_alike, "{text}");
    }
    // Whichever was there last.
    let text = "[\"x\"]";
    shapes.add(0, text, &way(text));
    for _ in 0..2 {
        assert!(shapes.next(0, &mut Steps::new("[8]")).is_some_and(|next| next.stop == Stop::Number(Some(0))));
        assert!(along(&mut shapes, 0, text).is_some());
    }
}

#[test]
fn nothing_grows_without_end_and_texts_that_are_never_alike_are_seldom_tried() {
    let mut shapes = Shapes::new(2);
    let mut tried = 0;
    for number in 0..40_000 {
        if shapes.is_worth_trying(1) {
            tried += 1;
            shapes.missed(1);
            // As many ways at the beginning as fit, and many more behind them.
            let text = format!("{} \"\"{} {}", number % 30, "x".repeat(number % 300), number);
            shapes.add(1, &text, &way(&text));
            assert!(shapes.nodes.len() <= MOST_NODES && shapes.between.len() <= MOST_BYTES);
        }
    }
    assert!(shapes.forgotten > 0 && tried < 40_000 / COST as usize + MOST_SAVED as usize, "{tried}");
    assert!((0..100).all(|_| shapes.is_worth_trying(0)));
    for _ in 0..COST {
        shapes.is_worth_trying(1);
    }
    assert!(shapes.is_worth_trying(1));
}

#[test]
fn of_many_ways_the_one_that_was_not_taken_for_the_longest_time_is_forgotten() {
    let mut shapes = Shapes::new(1);
    let text = |number: usize| format!("{number} \"\"");
    for number in 0..MOST_WAYS {
        shapes.add(0, &text(number), &way(&text(number)));
    }
    assert!(along(&mut shapes, 0, &text(0)).is_some());
    shapes.add(0, &text(100), &way(&text(100)));
    assert_eq!(shapes.ways(0).count(), MOST_WAYS);
    let is_known = |number| along(&mut shapes, 0, &text(number)).is_some();
    assert_eq!([0, 1, 2, 100].map(is_known), [true, false, true, true]);
}

#[test]
fn a_text_too_large_to_be_remembered_costs_nothing_that_is() {
    let mut shapes = Shapes::new(1);
    shapes.add(0, "[\"\"]", &way("[\"\"]"));
    for large in [format!("{}\"\"", " ".repeat(MOST_BYTES)), "\"\"".repeat(2_000)] {
        shapes.add(0, &large, &way(&large));
        assert!(along(&mut shapes, 0, &large).is_none() && along(&mut shapes, 0, "[\"\"]").is_some());
    }
    let mut trace = Trace::default();
    trace.begin(0);
    (0..10_000).for_each(|atom| trace.effect(Effect::Mark(atom)));
    trace.stop(Stop::End, 0, true);
    assert!(trace.whole().is_none());
    // However long the values are.
    let long = format!("{{\"{}\"}}", "x".repeat(MOST_BYTES));
    shapes.add(0, &long, &way(&long));
    assert!(along(&mut shapes, 0, &long).is_some());
}
