//! Sigma rules: what a rule excludes by `not …` as a filter over the alerts of a detector that does not exclude it.

use super::codes;
use super::condition::Cond;
use super::draft::{Draft, one_line};
use super::object::{Refusal, part, text, texts};
use super::run::Options;
use super::sigma::{Selections, of_rules};
use crate::matcher::Logic;
use crate::yaml::Node;

/// The rule's exclusions as a filter.
pub(super) fn draft(node: &Node, options: &Options) -> Result<Draft, Refusal> {
    let detection = part(node, &["detection"]).ok_or_else(|| missing(node, "detection"))?;
    let title = text(node, &["title"]).unwrap_or("Sigma rule");
    let id = text(node, &["id"]).ok_or_else(|| missing(node, "id"))?;
    let written = part(detection, &["condition"]).ok_or_else(|| missing(detection, "condition"))?;
    let words = texts(written, "condition")?;
    let selections = Selections::new(detection.as_map().into_iter().flatten(), &["condition", "timeframe"]);
    let logic = selections.read(written, &words)?;
    let mut excluded = Vec::new();
    exclusions(&logic, &mut excluded);
    if excluded.is_empty() {
        return Err(if negates(&logic) {
            let message =
                "what the rule excludes depends on which of its selections matched, and an alert does not say so";
            Refusal::wider(written.span, message)
        } else {
            Refusal::nothing(written.span, "the rule excludes nothing: its condition has no `not`")
        });
    }
    let depends = depends(&logic);
    if excluded.iter().any(|logic| negates(logic)) {
        return Err(Refusal::wider(written.span, "the rule has exceptions from its exclusions"));
    }
    let excluded: Vec<Cond> =
        excluded.into_iter().map(|logic| selections.cond(logic, options)).collect::<Result<_, _>>()?;
    let excluded = match <[Cond; 1]>::try_from(excluded) {
        Ok([one]) => one,
        Err(several) => Cond::Any(several),
    };
    let mut draft = Draft::new(&format!("{title} exclusions"), Cond::All(vec![of_rules(&[id.to_owned()]), excluded]));
    draft.describe(&format!("What is excluded from: {title}"));
    draft.reason = "false_positive";
    if depends {
        let message = "an exclusion that depends on which of the rule's selections matched: an alert does not say so";
        draft.lose(written.span, message);
    }
    draft.owner = text(node, &["author"]).map(|author| one_line(author).chars().take(200).collect());
    draft.notes.push(format!("The rule's condition: `{}`", words.join("` or `")));
    draft
        .notes
        .push("What stands after `not` in it is what is dismissed here, for alerts of this rule alone.".to_owned());
    if let Some(author) = text(node, &["author"]) {
        draft.notes.push(format!("Rule {id} by {author}"));
    }
    if let Some(licence) = text(node, &["license"]) {
        draft.notes.push(format!("Licence of the rule: {licence}"));
    }
    Ok(draft)
}

fn missing(node: &Node, name: &str) -> Refusal {
    Refusal::new(node.span, codes::SHAPE, format!("the rule has no `{name}`"))
}

/// What is negated among the things that must all hold.
fn exclusions<'l>(logic: &'l Logic, out: &mut Vec<&'l Logic>) {
    match logic {
        Logic::All(parts) => parts.iter().for_each(|part| exclusions(part, out)),
        Logic::Any(parts) if parts.len() == 1 => exclusions(&parts[0], out),
        Logic::Not(part) => out.push(part),
        Logic::Any(_) | Logic::Selection(_) => {}
    }
}

/// Whether something is excluded only beside some of the selections.
fn depends(logic: &Logic) -> bool {
    match logic {
        Logic::All(parts) => parts.iter().any(depends),
        Logic::Any(parts) if parts.len() == 1 => depends(&parts[0]),
        Logic::Any(_) => negates(logic),
        Logic::Not(_) | Logic::Selection(_) => false,
    }
}

fn negates(logic: &Logic) -> bool {
    match logic {
        Logic::All(parts) | Logic::Any(parts) => parts.iter().any(negates),
        Logic::Not(_) => true,
        Logic::Selection(_) => false,
    }
}
