//! Beginnings, or, read backwards, ends of texts: a tree of stretches, walked no further than the text goes along with it.

use super::super::atoms::AtomId;
use super::super::scratch::Marks;
use std::collections::VecDeque;
use std::ops::Range;

/// Literals as a tree: a node for every place where one ends or several part.
#[derive(Debug)]
pub struct Affixes<const BACKWARDS: bool> {
    nodes: Vec<Node>,
    /// What leads to each node but for its first byte, one behind the other, each as it stands in a text.
    bytes: Vec<u8>,
    /// The root's children by their first byte: nearly every walk ends there. Zero leads nowhere, since nothing leads back.
    first: Box<[u32; 256]>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Node {
    atom: Option<AtomId>,
    /// The byte that leads here.
    byte: u8,
    /// Where the bytes that must come next begin, and how many they are.
    stretch: (u32, u32),
    /// The first child; all of a node's stand in a row, sorted by their bytes.
    children: u32,
    count: u16,
}

impl<const BACKWARDS: bool> Affixes<BACKWARDS> {
    /// A tree of literals that are not empty; none without any.
    pub fn new<'l>(literals: impl Iterator<Item = (&'l str, AtomId)>) -> Option<Self> {
        let in_order = |text: &str| if BACKWARDS { text.bytes().rev().collect() } else { text.bytes().collect() };
        let mut literals: Vec<(Vec<u8>, AtomId)> = literals.map(|(text, atom)| (in_order(text), atom)).collect();
        if literals.is_empty() {
            return None;
        }
        literals.sort_unstable();
        let mut tree = Self { nodes: vec![Node::default()], bytes: Vec::new(), first: Box::new([0; 256]) };
        // Node by node, each with the literals that pass through it and how far along they are.
        let mut open = VecDeque::from([(0_usize, 0..literals.len(), 0_usize)]);
        while let Some((node, mut range, depth)) = open.pop_front() {
            if let Some((literal, atom)) = literals[range.clone()].first()
                && literal.len() == depth
            {
                tree.nodes[node].atom = Some(*atom);
                range.start += 1;
            }
            tree.nodes[node].children = tree.nodes.len() as u32;
            while !range.is_empty() {
                let byte = literals[range.start].0[depth];
                let same = literals[range.clone()].iter().take_while(|(literal, _)| literal[depth] == byte).count();
                let together = range.start..range.start + same;
                range.start += same;
                let target = tree.nodes.len();
                let parts = tree.push(&literals[together.clone()], depth);
                tree.nodes[node].count += 1;
                if node == 0 {
                    tree.first[usize::from(byte)] = target as u32;
                }
                open.push_back((target, together, parts));
            }
        }
        Some(tree)
    }

    /// Adds the node that literals lead to together from a place on, sorted as they are; gives where they part, or the first ends.
    fn push(&mut self, literals: &[(Vec<u8>, AtomId)], from: usize) -> usize {
        let (first, last) = (&literals[0].0, &literals[literals.len() - 1].0);
        let common = first[from..].iter().zip(&last[from..]).take_while(|(one, other)| one == other).count();
        let start = self.bytes.len() as u32;
        self.bytes.extend(&first[from + 1..from + common]);
        if BACKWARDS {
            self.bytes[start as usize..].reverse();
        }
        self.nodes.push(Node { byte: first[from], stretch: (start, common as u32 - 1), ..Node::default() });
        from + common
    }

    /// Marks every literal that the text begins with, or ends with.
    #[inline]
    pub fn walk(&self, text: &[u8], marks: &mut Marks) {
        let Some((byte, mut rest)) = Self::split(text, 1) else { return };
        let mut at = self.first[usize::from(byte[0])] as usize;
        if at == 0 {
            return;
        }
        loop {
            let node = &self.nodes[at];
            let stretch = &self.bytes[node.stretch()];
            match Self::split(rest, stretch.len()) {
                Some((here, behind)) if here == stretch => rest = behind,
                _ => return,
            }
            marks.mark(node.atom);
            if node.count == 0 {
                return;
            }
            let Some((byte, behind)) = Self::split(rest, 1) else { return };
            let Some(child) = self.nodes[node.children()].iter().position(|child| child.byte == byte[0]) else {
                return;
            };
            (at, rest) = (node.children as usize + child, behind);
        }
    }

    /// So many bytes that come next, and the rest.
    #[inline]
    fn split(text: &[u8], length: usize) -> Option<(&[u8], &[u8])> {
        if BACKWARDS {
            let (rest, next) = text.split_at(text.len().checked_sub(length)?);
            Some((next, rest))
        } else {
            text.split_at_checked(length)
        }
    }
}

impl Node {
    fn stretch(&self) -> Range<usize> {
        self.stretch.0 as usize..(self.stretch.0 + self.stretch.1) as usize
    }

    fn children(&self) -> Range<usize> {
        self.children as usize..self.children as usize + usize::from(self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<const BACKWARDS: bool>(literals: &[impl AsRef<str>], texts: &[impl AsRef<str>]) {
        let tree = Affixes::<BACKWARDS>::new(literals.iter().map(AsRef::as_ref).zip(0..)).unwrap();
        for text in texts.iter().map(AsRef::as_ref) {
            let mut marks = Marks::new(literals.len(), 0, std::sync::Arc::default());
            tree.walk(text.as_bytes(), &mut marks);
            for (literal, atom) in literals.iter().map(AsRef::as_ref).zip(0..) {
                let stands = if BACKWARDS { text.ends_with(literal) } else { text.starts_with(literal) };
                assert_eq!(marks.holds(atom), stands, "{text} {literal}");
            }
        }
    }

    #[test]
    fn every_literal_a_text_begins_or_ends_with_is_marked_and_no_other() {
        // Two letters that end in the same byte, and one with which many begin alike.
        let long = format!("y{}", "x".repeat(40));
        let literals = ["a", "ab", "abc", "b", "bcd", "ä", "Ĥäx", "defgh", "defghij", "defxy", &long];
        let (longer, shorter, other) = (format!("{long}a"), &long[1..], long.replacen("xx", "xä", 1));
        let texts = [
            "", "a", "abx", "abcd", "bc", "bcd", "ä", "Ĥ", "Ĥäx", "ääx", "ĤĤx", "xab", "\u{c3}", "def", "defg",
            "defghijk", "defghi", "defghiz", "defxy", &long, &longer, shorter, &other,
        ];
        check::<false>(&literals, &texts);
        let backwards = |texts: &[&str]| texts.iter().map(|text| text.chars().rev().collect()).collect::<Vec<String>>();
        check::<true>(&backwards(&literals), &backwards(&texts));
    }
}
