//! Beginnings, or, read backwards, ends of texts: a tree of bytes, walked no further than the text goes along with it.

use super::super::atoms::AtomId;
use super::super::scratch::Marks;

/// Literals as a tree; every node a byte further.
#[derive(Debug)]
pub struct Affixes {
    nodes: Vec<Node>,
    /// The bytes that lead on, each node's in a row and sorted.
    bytes: Vec<u8>,
    /// Where they lead.
    targets: Vec<u32>,
    /// The root's children by their byte: nearly every walk ends there. Zero leads nowhere, since nothing leads back.
    first: Box<[u32; 256]>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Node {
    atom: Option<AtomId>,
    start: u32,
    count: u16,
}

impl Affixes {
    /// A tree of literals that are not empty; none without any.
    pub fn new(mut literals: Vec<(Vec<u8>, AtomId)>) -> Option<Self> {
        if literals.is_empty() {
            return None;
        }
        literals.sort_unstable();
        let mut tree =
            Self { nodes: vec![Node::default()], bytes: Vec::new(), targets: Vec::new(), first: Box::new([0; 256]) };
        // Node by node, each with the literals that pass through it and how far along they are.
        let mut open = std::collections::VecDeque::from([(0_usize, 0..literals.len(), 0_usize)]);
        while let Some((node, mut range, depth)) = open.pop_front() {
            if let Some((literal, atom)) = literals[range.clone()].first()
                && literal.len() == depth
            {
                tree.nodes[node].atom = Some(*atom);
                range.start += 1;
            }
            tree.nodes[node].start = tree.bytes.len() as u32;
            while !range.is_empty() {
                let byte = literals[range.start].0[depth];
                let same = literals[range.clone()].iter().take_while(|(literal, _)| literal[depth] == byte).count();
                let target = tree.nodes.len();
                tree.nodes.push(Node::default());
                tree.bytes.push(byte);
                tree.targets.push(target as u32);
                tree.nodes[node].count += 1;
                if node == 0 {
                    tree.first[usize::from(byte)] = target as u32;
                }
                open.push_back((target, range.start..range.start + same, depth + 1));
                range.start += same;
            }
        }
        Some(tree)
    }

    /// Marks every literal that the bytes begin with.
    pub fn walk(&self, mut text: impl Iterator<Item = u8>, marks: &mut Marks) {
        let Some(byte) = text.next() else { return };
        let mut at = self.first[usize::from(byte)] as usize;
        if at == 0 {
            return;
        }
        loop {
            let node = self.nodes[at];
            marks.mark(node.atom);
            if node.count == 0 {
                return;
            }
            let Some(byte) = text.next() else { return };
            let edges = node.start as usize..node.start as usize + usize::from(node.count);
            let Some(edge) = self.bytes[edges].iter().position(|known| *known == byte) else { return };
            at = self.targets[node.start as usize + edge] as usize;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_literal_a_text_begins_with_is_marked_and_no_other() {
        let literals = ["a", "ab", "abc", "b", "bcd", "ä"];
        let tree = Affixes::new(literals.iter().zip(0..).map(|(text, atom)| (text.bytes().collect(), atom)).collect());
        for text in ["", "a", "abx", "abcd", "bc", "bcd", "ä", "xab", "\u{c3}"] {
            let mut marks = Marks::new(literals.len(), 0, std::sync::Arc::default());
            tree.as_ref().unwrap().walk(text.bytes(), &mut marks);
            for (literal, atom) in literals.iter().zip(0..) {
                assert_eq!(marks.holds(atom), text.starts_with(literal), "{text} {literal}");
            }
        }
    }
}
