//! Keywords are found wherever they stand in a payload, however much of it was seen before.

use super::*;
use crate::alert::Raw;
use crate::matcher::Index;
use serde_json::value::RawValue;

const WORDS: &[&str] = &[
    "mimikatz",
    "SEKURLSA::x",
    "scp ",
    "rsync ",
    "kerberos::golden",
    "mimi\u{212a}atz",
    "\u{17f}cp ",
    "\u{c9}tat d'alerte",
];

/// Conditions whose keywords lead to them, and others where something else does.
const CONDITIONS: &[&str] = &[
    "a: [mimikatz, 'sekurlsa::']\ncondition: a",
    "a: ['scp ', 'rsync ']\ncondition: a",
    "a: {raw.host: web-1}\nb: ['kerberos::golden', 'scp ']\ncondition: a and b",
    "a: {raw.host|startswith: web}\nb: ['kerberos::golden']\ncondition: a and not b",
    "a: {raw.image|endswith: '\\cmd.exe'}\nb: [mimikatz]\ncondition: a and b",
    "a: {raw.image|contains: 'system32'}\nb: ['sek*::?']\ncondition: a and b",
    "a: {raw.image|contains|cased: 'System32'}\ncondition: a",
    "a: {title: A title}\nb: ['\u{e9}tat d']\nc: ['@']\ncondition: a and b and not c",
    "a: ['*golden', 'r?ync x']\nb: {raw.n|gte: 7}\ncondition: a or b",
    "a: ['tru*', 'alse']\ncondition: a",
];

/// A payload whose values are mostly the same as those of the others; now and then a keyword stands in one, or nearly.
fn payload(random: &mut fastrand::Rng) -> String {
    let mut value = |usual: &str| {
        let word = random.choice(WORDS).copied().unwrap_or_default();
        match random.u8(..100) {
            0 => json!(format!("to {word}x")).to_string(),
            1 => json!(word.to_uppercase()).to_string(),
            2 => json!(format!("\\{word}\\System32\\cmd.exe")).to_string(),
            3 => json!(word.chars().skip(1).collect::<String>()).to_string(),
            4 => json!(format!("{usual}{}", random.u8(..3))).to_string(),
            5 => format!("[{},\"x\"]", json!(word)),
            6 => json!(word).to_string().replace('m', "\\u006d"),
            7 => ["null", "true", "false"][random.usize(..3)].to_owned(),
            _ => json!(usual).to_string(),
        }
    };
    let image = ["C:\\Windows\\System32\\cmd.exe", "C:\\windows\\system32\\svchost.exe"].map(&mut value);
    let [host, user, a, b, c, message] =
        ["web-1", "root", "x", "scp", "a longer value that is always the same", ""].map(value);
    let [image, other] = image;
    let number = random.u8(..9);
    let image = if random.bool() { image } else { other };
    format!(
        "{{\"host\":{host},\"user\":{user},\"image\":{image},\"n\":{number},\"list\":[{a},{b}],\
         \"nested\":{{\"a\":{c},\"b\":[{{}},{a}]}},\"again\":{{\"a\":{c},\"b\":[{{}},{a}]}},\"message\":{message}}}"
    )
}

/// `QUELL_SETS` sets the number of sets.
#[test]
fn keywords_are_found_wherever_they_stand_however_often_the_rest_was_seen() {
    let mut met = vec![0; CONDITIONS.len()];
    let sets = random::sets(12);
    for set in 0..sets {
        let mut random = fastrand::Rng::with_seed(set);
        // All of them, and some: what leads to one condition leads to none in another set.
        let taken = (0..CONDITIONS.len()).filter(|_| set == 0 || random.u8(..3) == 0);
        let conditions: Vec<(usize, Arc<Condition>)> =
            taken.map(|number| (number, Arc::new(compiled(CONDITIONS[number]).0.unwrap()))).collect();
        let index = Index::build(conditions.clone());
        for _ in 0..400 {
            let mut alert = alert(json!({}));
            let text = payload(&mut random);
            alert.raw = Raw::new(RawValue::from_string(text.clone()).unwrap());
            let view = AlertView::new(&alert);
            let plainly: Vec<usize> = conditions
                .iter()
                .filter(|(_, condition)| condition.matches(&view))
                .map(|(number, _)| *number)
                .collect();
            let found: Vec<usize> = index.matching(&view).into_iter().copied().collect();
            assert_eq!(found, plainly, "set {set}: {text}");
            plainly.into_iter().for_each(|number| met[number] += 1);
        }
        assert!(
            conditions.is_empty() || index.walked_along() > 100,
            "set {set}: {} walked along",
            index.walked_along()
        );
    }
    assert!(met.iter().all(|met| *met > 10), "{met:?}");
}

/// Whether they are looked for in every payload or only once something else holds.
#[test]
fn a_value_whose_key_stands_again_holds_no_keyword() {
    for condition in
        ["a: {raw.host: web-1}\nb: ['kerberos::golden']\ncondition: a and b", "a: ['kerberos::golden']\ncondition: a"]
    {
        let index = Index::build(vec![((), Arc::new(compiled(condition).0.unwrap()))]);
        for (first, last, meets) in [("kerberos::golden", "none", false), ("none", "kerberos::golden", true)] {
            // Also among so many others that they are looked through together.
            for others in [0, 300] {
                let others = (0..others).map(|number| format!("\"{number}\",")).collect::<String>();
                let text = format!(r#"{{"host":"web-1","y":[{others}0],"x":{{"m":"{first}","m":"{last}"}}}}"#);
                let mut alert = alert(json!({}));
                alert.raw = Raw::new(RawValue::from_string(text.clone()).unwrap());
                assert_eq!(!index.matching(&AlertView::new(&alert)).is_empty(), meets, "{condition} {text}");
            }
        }
    }
}
