//! The host interface written out from its one table: a page for people, a definition file for editors.

use super::host::{HostFn, Kind, Receiver, TABLE};
use std::fmt::Write as _;

/// The page, as Markdown.
pub fn page() -> String {
    let mut text = String::from(
        "# Host functions\n\n\
         What a playbook can call besides [Rhai's own functions](https://rhai.rs/book/), by how it behaves when the\n\
         script is run again from its beginning. [Playbooks](playbooks.md) says what a run is; `docs/quell.d.rhai` holds\n\
         the same for editors. Both are written by `quell playbooks reference`.\n",
    );
    for kind in Kind::ALL {
        let _ = write!(text, "\n## {}\n\n{}\n\n", kind.heading(), kind.meaning());
        text.push_str("| call | what it does | gives | recorded |\n|---|---|---|---|\n");
        let recorded = if kind.is_recorded() { "yes" } else { "no" };
        for row in of_kind(kind) {
            let gives = row.gives.words();
            let _ = writeln!(text, "| `{}` | {} | {gives} | {recorded} |", in_cell(&row.signature()), in_cell(row.doc));
        }
    }
    text
}

/// The definition file, in Rhai's definition syntax.
pub fn definitions() -> String {
    let mut text = String::from(
        "// What a playbook can call besides Rhai's own functions. Written by\n\
         // `quell playbooks reference --format rhai`.\n\
         module static;\n\n\
         /// The run's log.\n\
         const log: log;\n\n\
         /// The run itself.\n\
         const run: run;\n",
    );
    for kind in Kind::ALL {
        for row in of_kind(kind) {
            let _ = write!(text, "\n/// {}\n/// {}\n{}\n", row.doc, kind.meaning(), definition(row));
        }
    }
    text
}

fn of_kind(kind: Kind) -> impl Iterator<Item = &'static HostFn> {
    TABLE.iter().filter(move |row| row.kind == kind)
}

fn definition(row: &HostFn) -> String {
    let receiver = match row.on {
        None => None,
        Some(Receiver::Connection) => Some("this: connection"),
        Some(Receiver::Log) => Some("this: log"),
        Some(Receiver::Run) => Some("this: run"),
    };
    let parameters = row.parameters().map(|(name, kind)| format!("{name}: {kind}"));
    let all: Vec<String> = receiver.map(str::to_owned).into_iter().chain(parameters).collect();
    let get = if row.on == Some(Receiver::Run) { "get " } else { "" };
    format!("fn {get}{}({}) -> {};", row.name, all.join(", "), row.gives.type_name())
}

/// A bar would end the cell.
fn in_cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_documents_are_what_the_table_says() {
        let files = [("host-functions.md", page(), "markdown"), ("quell.d.rhai", definitions(), "rhai")];
        for (name, written, format) in files {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
            let kept = std::fs::read_to_string(&path).unwrap_or_default();
            let again = format!("cargo run -- playbooks reference --format {format} > docs/{name}");
            assert_eq!(kept, written, "docs/{name} is stale; write it again with `{again}`");
        }
    }

    #[test]
    fn every_function_is_said_once_with_its_types() {
        let (page, definitions) = (page(), definitions());
        for row in TABLE {
            let cell = format!("| `{}` |", in_cell(&row.signature()));
            assert_eq!(page.matches(&cell).count(), 1, "{cell}");
        }
        let count = definitions.lines().filter(|line| line.starts_with("fn ")).count();
        assert_eq!(count, TABLE.len());
        for line in [
            "fn connection(name: String) -> connection;",
            "fn get(this: connection, path: String) -> Map;",
            "fn set_status(status: String, why: String) -> ();",
            "fn info(this: log, message: String, fields: Map) -> ();",
            "fn get id(this: run) -> String;",
            "fn exit(value: ?) -> !;",
        ] {
            assert!(definitions.lines().any(|written| written == line), "{line}");
        }
    }
}
