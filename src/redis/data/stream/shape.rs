//! The shape of the radix tree that Redis would keep these keys in: XINFO and the accounting of
//! memory tell it.
//!
//! Facts: every tree has a root; a chain of bytes without a branch is one node; a node with several
//! children is one; so is every end. A node takes a header of 4 bytes, its bytes, padding to 8, and a
//! pointer for each child and value.

/// Nodes and bytes of a tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Nodes.
    pub nodes: usize,
    /// Bytes.
    pub bytes: usize,
}

impl Shape {
    fn add(&mut self, bytes: usize, pointers: usize) {
        self.nodes += 1;
        self.bytes += allocated((4 + bytes).next_multiple_of(8) + 8 * pointers);
    }
}

pub use crate::data::cost::allocated;

/// The tree of `keys`, which are sorted, distinct and of 16 bytes each.
pub fn of(keys: &[[u8; 16]]) -> Shape {
    let mut shape = Shape::default();
    if keys.is_empty() {
        shape.add(0, 0);
    } else {
        walk(keys, 0, &mut shape);
    }
    shape
}

/// The part of the tree below `depth` bytes that all `keys` share. Recurses at most 16 deep.
fn walk(keys: &[[u8; 16]], depth: usize, shape: &mut Shape) {
    let (Some(first), Some(last)) = (keys.first(), keys.last()) else { return };
    let common = (depth..16).take_while(|n| first[*n] == last[*n]).count();
    if common > 0 {
        shape.add(common, 1);
    }
    let branch = depth + common;
    if branch == 16 {
        shape.add(0, 1);
        return;
    }
    let groups = keys.chunk_by(|a, b| a[branch] == b[branch]);
    let count = groups.clone().count();
    shape.add(count, count);
    for group in groups {
        walk(group, branch + 1, shape);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(ids: &[(u64, u64)]) -> usize {
        let keys: Vec<_> = ids.iter().map(|(ms, seq)| super::super::StreamId::new(*ms, *seq).to_bytes()).collect();
        of(&keys).nodes
    }

    #[test]
    fn nodes_are_those_that_redis_reports() {
        // radix-tree-nodes of redis-server 8.6.3 for streams with one entry a node.
        assert_eq!(nodes(&[]), 1);
        assert_eq!(nodes(&[(1, 1)]), 2);
        assert_eq!(nodes(&[(1, 1), (1, 2)]), 4);
        assert_eq!(nodes(&[(1, 1), (2, 1)]), 6);
        assert_eq!(nodes(&[(1, 1), (1, 2), (2, 1), (300, 5)]), 11);
    }
}
