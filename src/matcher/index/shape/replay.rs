//! A text walked along the way of others.

use super::super::atoms::FieldId;
use super::super::payload::Reader;
use super::super::put::Leads;
use super::super::run::Walk;
use super::super::scratch::Scratch;
use super::tree::{NodeId, Shapes};
use super::usual::Usual;
use super::{Effect, Stop};

/// The kinds of texts that are walked.
#[derive(Debug, Clone, Copy)]
pub enum Root {
    /// The columns of a stored alert behind its head.
    Columns,
    /// A payload.
    Payload,
    /// A payload of which every value is put to one field.
    Values,
}

impl Root {
    /// How many there are.
    pub const COUNT: usize = 3;
}

/// Walks a text along the way of another of its shape, or else as it is to be walked `otherwise`, and remembers that way.
/// None if that tells nothing; part of the text may have been walked then.
pub fn walk<'v>(
    walk: &mut Walk<'_, 'v>,
    root: Root,
    reader: &mut Reader<'v>,
    otherwise: impl FnOnce(&mut Walk<'_, 'v>, &mut Reader<'v>) -> Option<()>,
) -> Option<()> {
    // Taken out while it is used beside the rest of what it stands in.
    let mut shapes = walk.scratch.shapes.take()?;
    let is_tried = shapes.is_worth_trying(root as NodeId);
    let done = if is_tried { try_along(walk, &mut shapes, root, reader, otherwise) } else { otherwise(walk, reader) };
    walk.scratch.shapes = Some(shapes);
    done
}

fn try_along<'v>(
    walk: &mut Walk<'_, 'v>,
    shapes: &mut Shapes,
    root: Root,
    reader: &mut Reader<'v>,
    otherwise: impl FnOnce(&mut Walk<'_, 'v>, &mut Reader<'v>) -> Option<()>,
) -> Option<()> {
    let (start, gathered) = (*reader, walk.scratch.gathered.0.len());
    if along(walk, shapes, root, reader).is_some() {
        return Some(());
    }
    // What was marked on the way is so, and a value that is kept twice is one.
    *reader = start;
    walk.scratch.gathered.0.truncate(gathered);
    walk.scratch.trace.begin(reader.steps.at());
    let done = otherwise(walk, reader);
    let Scratch { trace, .. } = &mut *walk.scratch;
    shapes.missed(root as NodeId);
    if done.is_some() {
        trace.stop(Stop::End, reader.steps.text().len(), true);
        shapes.add(root as NodeId, reader.steps.text(), trace);
    }
    trace.end();
    done
}

/// None if the text is of a shape that is not known.
fn along<'v>(walk: &mut Walk<'_, 'v>, shapes: &mut Shapes, root: Root, reader: &mut Reader<'v>) -> Option<()> {
    let mut at = root as NodeId;
    loop {
        let next = shapes.next(at, &mut reader.steps)?;
        at = next.node;
        for effect in next.effects {
            match effect {
                Effect::Mark(atom) => walk.scratch.marks.mark_again(&[*atom]),
                Effect::Put(field, word) => {
                    walk.scalar(*field, word.value());
                }
                Effect::Gather(word) => walk.scratch.gathered.0.extend_from_slice(word.as_str().as_bytes()),
            }
        }
        match next.stop {
            Stop::Text(Some(field)) => asked_text(walk, shapes.usual(at), reader, field)?,
            Stop::Text(None) => {
                reader.text(walk, None)?;
            }
            Stop::Number(field) => reader.number(walk, field)?,
            Stop::End => return Some(()),
            stop => reader.pass(walk, stop)?,
        }
    }
}

/// Reads a text that is asked about, unless it stood there before.
#[inline(always)]
fn asked_text<'v>(walk: &mut Walk<'_, 'v>, usual: &mut Usual, reader: &mut Reader<'v>, field: FieldId) -> Option<()> {
    let start = reader.steps;
    if let Some((length, told)) = usual.stands(start.rest_of_text()) {
        reader.steps.pass(length);
        walk.scratch.marks.mark_again(told);
        return Some(());
    }
    let before = walk.scratch.marks.again().len();
    let leads = reader.text(walk, Some(field))?;
    // What may hold a keyword is gathered, and what is tested is kept, each time.
    if leads == Leads::No && !walk.engine.probes[field as usize].is_tested && walk.scratch.marks.lists_all() {
        usual.take(reader.steps.since(start)?.as_bytes(), &walk.scratch.marks.again()[before..]);
    }
    Some(())
}
