//! The index says what the plain evaluator says: on random conditions and alerts made of the same few words, whatever
//! witnesses it chooses.

use super::*;
use crate::alert::Raw;
use crate::matcher::Index;
use serde_json::value::RawValue;

/// How many sets are tried: so many, or what `QUELL_SETS` says.
pub(super) fn sets(otherwise: u64) -> u64 {
    std::env::var("QUELL_SETS").ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Random conditions and alerts, from words that meet often.
pub(super) struct Source(pub fastrand::Rng);

impl Source {
    fn pick<'t>(&mut self, words: &[&'t str]) -> &'t str {
        words[self.0.usize(..words.len())]
    }

    fn several(&mut self, most: usize, mut one: impl FnMut(&mut Self) -> String) -> String {
        let count = self.0.usize(1..=most);
        (0..count).map(|_| one(self)).collect::<Vec<_>>().join(", ")
    }

    /// A text.
    pub fn text(&mut self) -> String {
        const TEXTS: &[&str] = &[
            "alpha",
            "Alpha",
            "beta",
            "alphabet",
            "al",
            "c:\\windows\\system32\\cmd.exe",
            "cmd.exe",
            "-enc x",
            "/enc x",
            "état",
            "ÉTAT",
            "10",
            "10.0",
            "1e1",
            "true",
            "false",
            "10.1.2.3",
            "::ffff:10.1.2.3",
            "2001:db8::1",
            "a*b",
            "",
            " ",
            "QWxwaGE=",
            "2026-06-01T12:30:00Z",
            "2026-06-07",
            "x y",
            "null",
            "\u{ff2}\u{1f600}",
        ];
        self.pick(TEXTS).to_owned()
    }

    /// A value as a rule writes it, in single quotes: a text, its part, or a pattern of it.
    fn value(&mut self) -> String {
        let text = self.text();
        let chars: Vec<char> = text.chars().collect();
        let part =
            |from: usize, to: usize| chars[from.min(chars.len())..to.min(chars.len())].iter().collect::<String>();
        let cut = self.0.usize(0..=chars.len());
        let value = match self.0.u8(0..8) {
            0 => format!("{}*", part(0, cut)),
            1 => format!("*{}", part(cut, chars.len())),
            2 => format!("{}?{}", part(0, cut), part(cut + 1, chars.len())),
            3 => format!("*{}*", part(cut, cut + 3)),
            4 => part(0, cut),
            _ => text,
        };
        format!("'{}'", value.replace('\'', "''"))
    }

    fn values(&mut self) -> String {
        match self.0.u8(0..12) {
            0 => "null".to_owned(),
            1..6 => self.value(),
            6 => ["10", "11", "-0.5", "true"][self.0.usize(..4)].to_owned(),
            7 => format!("[{}]", self.several(14, Self::value)),
            _ => format!("[{}]", self.several(3, Self::value)),
        }
    }

    /// A line about a field that may hold anything.
    fn line(&mut self, field: &str) -> String {
        match self.0.u8(0..22) {
            0..7 => format!("{field}: {}", self.values()),
            7 => format!("{field}|contains: [{}]", self.several(3, Self::value)),
            8 => format!("{field}|startswith: [{}]", self.several(3, Self::value)),
            9 => format!("{field}|endswith: [{}]", self.several(3, Self::value)),
            10 => format!("{field}|contains|all: [{}]", self.several(3, Self::value)),
            11 => format!("{field}|cased: [{}]", self.several(3, Self::value)),
            12 => match self.pick(&["contains|", "startswith|", "neq|", ""]) {
                "" => format!("{field}|windash: {}", self.pick(&["'-10.0'", "'/10'", "'-1e1'", "-0.5", "[a, '-11']"])),
                "neq|" => format!("{field}|windash|neq: {}", self.pick(&["'-10.0'", "/11", "'-1e1'", "'–10'"])),
                how => format!("{field}|{how}windash: [{}]", self.several(2, Self::value)),
            },
            13 => format!("{field}|neq: [{}]", self.several(3, Self::value)),
            14 => format!(
                "{field}|{}: {}",
                self.pick(&["lt", "lte", "gt", "gte"]),
                self.pick(&["10", "9.5", "2026-06-02"])
            ),
            15 => format!("{field}|cidr: [{}]", self.pick(&["10.0.0.0/8", "10.1.2.0/24, 2001:db8::/32", "::/0"])),
            16 => {
                const SOURCES: &[&str] = &["(?i)ALPHA", "cmd|beta", "^al.*t$", "[0-9]+", "b.t", "(?i)état", "x{0,2}"];
                let case = self.pick(&["re", "re|i"]);
                format!("{field}|{case}: '{}'", self.pick(SOURCES))
            }
            17 => format!("{field}|exists: {}", self.pick(&["true", "false"])),
            18 => format!("{field}|fieldref: {}", self.pick(&["raw.a", "raw.b.c", "raw.list", "title"])),
            19 => format!("{field}|base64offset|contains: [{}]", self.pick(&["Alpha", "beta, lph"])),
            20 => format!("{field}|{}: {}", self.pick(&["hour", "hour|gte", "day"]), self.pick(&["0", "7", "12"])),
            _ => format!("{field}: [{}]", self.several(3, |source| source.0.u8(8..12).to_string())),
        }
    }

    fn field(&mut self) -> &'static str {
        const FIELDS: &[&str] = &["raw.a", "raw.b.c", "raw.list", "raw.\"x y\"", "raw.b", "extended_properties.a"];
        FIELDS[self.0.usize(..FIELDS.len())]
    }

    fn typed_line(&mut self) -> String {
        const LINES: &[&str] = &[
            "severity|gte: medium",
            "severity: [low, high]",
            "severity|lt: high",
            "simulated: true",
            "status: active",
            "entities.ip.address|cidr: 10.0.0.0/8",
            "entities.ip.address: [10.1.2.3, 2001:db8::1]",
            "entities.ip.address: '10.*'",
            "entities.ip.address|neq: 10.1.2.3",
            "entities.ip.location.asn|gt: 10",
            "entities.process|exists: true",
            "entities.process.command_line: null",
            "vendor: null",
            "vendor|exists: false",
            "start_time|gte: 2026-06-02",
            "start_time|hour: 12",
            "title|fieldref: vendor",
            "tags|neq: alpha",
            "extended_properties.A: null",
            "raw.b.c: null",
            "raw.list: null",
            "raw.a: null",
            "resources.name: alpha",
            "resources.tags.Env|contains: et",
            "entities.process.image_file.name|fieldref: title",
            "tactics: [alpha, beta]",
            "links.href|startswith: al",
        ];
        match self.0.u8(0..8) {
            0 => format!("title: {}", self.value()),
            1 => format!("entities.process.command_line|contains: [{}]", self.several(3, Self::value)),
            _ => self.pick(LINES).to_owned(),
        }
    }

    fn block(&mut self) -> String {
        let reach = self.pick(&["", "", "|every", "|none"]);
        let (field, names): (&str, &[&str]) = match self.0.u8(0..3) {
            0 => ("entities.process", &["command_line", "image_file.name", "process_id"]),
            1 => ("entities.host", &["host_name", "ip_interfaces.address"]),
            _ => ("raw.list", &["a", "b.c", "list"]),
        };
        let line = |source: &mut Self| match (source.pick(names), source.0.u8(0..5)) {
            (name, 0) if !name.contains("address") => format!("{name}|contains: {}", source.value()),
            (name, 1) => format!("{name}|exists: true"),
            (name, 2) => format!("{name}|neq: '10'").replace("address|neq: '10'", "address|neq: 10.1.2.3"),
            (name, _) if name.contains("address") => format!("{name}: '10.*'"),
            (name, _) => format!("{name}: {}", source.values()),
        };
        let mut lines: Vec<String> = (0..self.0.usize(1..=2)).map(|_| line(self)).collect();
        lines.dedup_by_key(|line| line.split(':').next().map(str::to_owned));
        format!("{field}{reach}: {{{}}}", lines.join(", "))
    }

    fn map(&mut self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for _ in 0..self.0.usize(1..=3) {
            let line = match self.0.u8(0..6) {
                0 => self.block(),
                1 | 2 => self.typed_line(),
                3 if self.0.u8(..4) == 0 => format!("'|all': [{}]", self.several(2, Self::value)),
                _ => {
                    let field = self.field();
                    self.line(field)
                }
            };
            let key = |line: &str| line.split(": ").next().map(str::to_owned);
            if !lines.iter().any(|known| key(known) == key(&line)) {
                lines.push(line);
            }
        }
        format!("{{{}}}", lines.join(", "))
    }

    /// A whole condition.
    pub fn condition(&mut self) -> String {
        if self.0.bool() {
            return self.map();
        }
        let mut selections = Vec::new();
        for name in ["s1", "s2", "_f"] {
            let body = match self.0.u8(0..8) {
                0 => format!("[{}]", self.several(3, Self::value)),
                1 | 2 => format!("[{}]", self.several(3, Self::map)),
                _ => self.map(),
            };
            selections.push(format!("{name}: {body}"));
        }
        const CONDITIONS: &[&str] = &[
            "s1 and not _f",
            "1 of s*",
            "all of s* or _f",
            "not s1 and s2",
            "s1 or s2 and not _f",
            "not (s1 and s2) and _f",
            "all of them",
            "[s1, s2 and _f]",
            "not 1 of s* and _f",
        ];
        format!("{{{}, condition: {}}}", selections.join(", "), self.pick(CONDITIONS))
    }

    /// JSON as a hostile or careless sender writes it.
    fn json(&mut self, depth: usize) -> String {
        match self.0.u8(0..if depth < 3 { 12 } else { 8 }) {
            0 if self.0.bool() => self.pick(&["-10", "-10.0", "-1e1", "-11", "-0.50"]).to_owned(),
            0 => self
                .pick(&["null", "true", "false", "10", "10.0", "1e1", "-0", "11", "123456789012345678901"])
                .to_owned(),
            1 => format!("\"\\u00e{}tat\"", self.pick(&["9", "8"])),
            2..8 => serde_json::to_string(&self.text()).unwrap(),
            8 => format!(
                "[{}]",
                if self.0.bool() { String::new() } else { self.several(3, |source| source.json(depth + 1)) }
            ),
            _ => self.object(depth),
        }
    }

    fn object(&mut self, depth: usize) -> String {
        let entry = |source: &mut Self| {
            let key =
                source.pick(&["a", "b", "c", "list", "x y", "z", "$serde_json::private::RawValue", "\\u0061", "A"]);
            format!("\"{key}\" : {}", source.json(depth + 1))
        };
        format!("{{{}}}", self.several(5, entry))
    }

    /// An object with so many texts in it that they are looked through together.
    fn crowd(&mut self) -> String {
        let mut one = |number: usize| match self.0.u8(..20) {
            0..4 => self.json(2),
            4 => format!("\"a longer text that says nothing at all: {number}\""),
            _ => format!("\"Text {number}\""),
        };
        let many: Vec<String> = (0..400).map(&mut one).collect();
        let key = self.pick(&["list", "a", "b"]);
        format!("{{\"{key}\": [{}], {}", many.join(","), &self.object(1)[1..])
    }

    /// An alert, its payload as text.
    pub fn alert(&mut self) -> Alert {
        let mut entities: Vec<Value> = Vec::new();
        for _ in 0..self.0.usize(..4) {
            entities.push(match self.0.u8(0..3) {
                0 => json!({"type": "ip", "address": self.text(), "location": {"asn": self.0.u8(8..13)}}),
                1 => json!({"type": "process", "command_line": self.text(), "image_file": {"name": self.text()}}),
                _ => json!({"type": "host", "host_name": self.text(), "ip_interfaces": [{"address": self.text()}]}),
            });
        }
        let mut fields = json!({
            "title": self.text(), "severity": self.pick(&["low", "medium", "high", "odd"]), "entities": entities,
            "simulated": self.0.bool(), "tags": ["alpha"], "tactics": [self.text()],
            "resources": [{"id": "r", "name": self.text(), "tags": {"env": self.text()}}],
            "links": [{"href": self.text()}],
        });
        if self.0.bool() {
            fields["vendor"] = json!(self.text());
            fields["start_time"] = json!("2026-06-03T12:00:00Z");
        }
        if self.0.bool() {
            fields["extended_properties"] = json!({"a": self.text(), "A": Value::Null});
        }
        let mut made = alert(fields);
        let payload = match self.0.u8(..12) {
            0..3 => self.json(0),
            3 => self.crowd(),
            _ => self.object(0),
        };
        made.raw = Raw::new(RawValue::from_string(payload).unwrap());
        made
    }
}

/// `QUELL_SETS` sets the number of sets, each of forty conditions put to forty alerts.
#[test]
fn the_index_says_what_the_plain_evaluator_says() {
    let sets = sets(150);
    let seed = std::env::var("QUELL_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let (mut met, mut compared) = (0, 0);
    for set in 0..sets {
        let mut source = Source(fastrand::Rng::with_seed(seed + set));
        let texts: Vec<String> = (0..40).map(|_| source.condition()).collect();
        let conditions: Vec<(usize, Arc<Condition>)> =
            texts.iter().enumerate().filter_map(|(number, text)| Some((number, Arc::new(compiled(text).0?)))).collect();
        assert!(conditions.len() > 20, "set {set}: {} of 40 compile", conditions.len());
        let index = Index::build(conditions.clone());
        // An opinion that turns the choice of witnesses upside down, or leaves it to chance.
        let mut chance = fastrand::Rng::with_seed(set);
        let other =
            Index::build_by(conditions.clone(), &mut |rate| if set % 2 == 0 { 1.0 - rate } else { chance.f32() });
        for _ in 0..40 {
            let alert = source.alert();
            let plain: Vec<&usize> = conditions
                .iter()
                .filter(|(_, condition)| condition.matches(&AlertView::new(&alert)))
                .map(|(number, _)| number)
                .collect();
            for index in [&index, &other] {
                let found = index.matching(&AlertView::new(&alert));
                if found != plain {
                    let differs = |number: &usize| found.contains(&number) != plain.contains(&number);
                    let first = found.iter().chain(&plain).copied().copied().find(differs).expect("they differ");
                    let shown = serde_json::to_string(&alert).unwrap();
                    panic!("set {set}: `{}` on {shown}: plain {}", texts[first], plain.contains(&&first));
                }
            }
            met += plain.len();
            compared += conditions.len();
        }
    }
    // Conditions that never hold, or always, would prove nothing.
    assert!(met * 20 > compared && met * 3 < compared * 2, "{met} of {compared} met");
}

#[test]
fn what_is_said_to_never_match_never_does() {
    let (mut warned, mut met) = (0, 0);
    for set in 0..sets(150) {
        let mut source = Source(fastrand::Rng::with_seed(set));
        let mut condition = || {
            let field = source.pick(&["title", "title", "vendor"]);
            let [one, other] = [source.line("title"), source.line(field)];
            let joined = source.pick(&["a and b", "a and not b", "a and not (b or a)", "b and not (not a)"]);
            format!("{{a: {{{one}}}, b: {{{other}}}, condition: {joined}}}")
        };
        let texts: Vec<String> = (0..40).map(|_| condition()).collect();
        let alerts: Vec<Alert> = (0..40).map(|_| source.alert()).collect();
        for text in texts {
            let (Some(condition), found) = compiled(&text) else { continue };
            let meets = |alert: &&Alert| condition.matches(&AlertView::new(alert));
            if found.iter().any(|found| found.code == crate::matcher::codes::MATCHES_NOTHING) {
                let meeting = alerts.iter().find(meets);
                assert!(meeting.is_none(), "set {set}: `{text}` is met by {:?}", meeting.map(|alert| &alert.title));
                warned += 1;
            } else {
                met += usize::from(alerts.iter().any(|alert| meets(&alert)));
            }
        }
    }
    // Were it said of all, or of none, it would prove nothing.
    assert!(warned > 100 && met > 100, "{warned} never match, {met} are met");
}
