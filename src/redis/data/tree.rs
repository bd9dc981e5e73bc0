//! A B+ tree of scored entries that counts what lies below each branch: an entry's rank and the entry
//! of a rank take O(log n).
//!
//! The tree knows no names. Where scores are equal, the caller's predicate `less` says whether an
//! entry stands before the place that is looked for; it holds for a prefix of all entries.

/// What the tree holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// The score.
    pub score: f64,
    /// Whose it is.
    pub id: u64,
}

/// Most entries of a leaf and branches of a node.
const MOST: usize = 64;

/// Entries that go at once where a tree is given back.
const SHED: usize = 4096;

type Less<'a> = &'a dyn Fn(&Entry) -> bool;

#[derive(Clone, Debug)]
enum Node {
    Leaf(Vec<Entry>),
    Inner(Vec<Branch>),
}

#[derive(Clone, Debug)]
struct Branch {
    /// The first entry below.
    first: Entry,
    /// How many there are.
    count: usize,
    node: Node,
}

impl Branch {
    fn new(node: Node) -> Branch {
        let count = match &node {
            Node::Leaf(entries) => entries.len(),
            Node::Inner(branches) => branches.iter().map(|b| b.count).sum(),
        };
        Branch { first: node.first(), count, node }
    }
}

/// The branch that has the place that is looked for: the last one that begins before it.
fn way(branches: &[Branch], less: Less<'_>) -> usize {
    branches.partition_point(|b| less(&b.first)).saturating_sub(1)
}

/// Puts `item` at `at`. Where there is no room, the returned part goes to a new node behind: half of
/// everything, or little where items come in order, so that nodes are full then.
fn put<T>(items: &mut Vec<T>, at: usize, item: T) -> Option<Vec<T>> {
    if items.len() < MOST {
        items.insert(at, item);
        return None;
    }
    let cut = if at == items.len() { MOST - MOST / 8 } else { MOST / 2 };
    let mut tail = items.split_off(cut);
    items.shrink_to_fit();
    if at <= cut {
        items.insert(at, item);
    } else {
        tail.insert(at - cut, item);
    }
    Some(tail)
}

impl Node {
    fn len(&self) -> usize {
        match self {
            Node::Leaf(entries) => entries.len(),
            Node::Inner(branches) => branches.len(),
        }
    }

    fn first(&self) -> Entry {
        match self {
            Node::Leaf(entries) => entries.first().copied(),
            Node::Inner(branches) => branches.first().map(|b| b.first),
        }
        .unwrap_or(Entry { score: 0.0, id: 0 })
    }

    /// Adds an entry. The part that found no room becomes a new node.
    fn insert(&mut self, entry: Entry, less: Less<'_>) -> Option<Node> {
        match self {
            Node::Leaf(entries) => {
                let at = entries.partition_point(less);
                put(entries, at, entry).map(Node::Leaf)
            }
            Node::Inner(branches) => {
                let at = way(branches, less);
                let branch = branches.get_mut(at)?;
                let split = branch.node.insert(entry, less);
                branch.first = branch.node.first();
                branch.count += 1;
                let new = Branch::new(split?);
                branch.count -= new.count;
                put(branches, at + 1, new).map(Node::Inner)
            }
        }
    }

    /// Takes out the entry of `id`, which stands at the first place that is not `less`.
    fn remove(&mut self, id: u64, less: Less<'_>) -> bool {
        match self {
            Node::Leaf(entries) => {
                let at = entries.partition_point(less);
                let found = entries.get(at).is_some_and(|e| e.id == id);
                if found {
                    entries.remove(at);
                }
                found
            }
            Node::Inner(branches) => {
                let at = way(branches, &|e| less(e) || e.id == id);
                let Some(branch) = branches.get_mut(at) else { return false };
                if !branch.node.remove(id, less) {
                    return false;
                }
                branch.first = branch.node.first();
                branch.count -= 1;
                tidy(branches, at);
                true
            }
        }
    }

    fn rank(&self, less: Less<'_>) -> usize {
        match self {
            Node::Leaf(entries) => entries.partition_point(less),
            Node::Inner(branches) => {
                let at = way(branches, less);
                let before: usize = branches.iter().take(at).map(|b| b.count).sum();
                before + branches.get(at).map_or(0, |b| b.node.rank(less))
            }
        }
    }
}

/// Joins a node that lost much with a neighbour, so that the tree shrinks with what it holds.
fn tidy(branches: &mut Vec<Branch>, at: usize) {
    let len = |n: usize| branches.get(n).map(|b| b.node.len());
    match len(at) {
        Some(0) => {
            branches.remove(at);
        }
        Some(few) if few < MOST / 4 => {
            let joins = |other: Option<usize>| other.is_some_and(|n| n + few <= MOST * 3 / 4);
            let left = if joins(len(at + 1)) {
                at
            } else if at > 0 && joins(len(at - 1)) {
                at - 1
            } else {
                return;
            };
            let right = branches.remove(left + 1);
            let Some(branch) = branches.get_mut(left) else { return };
            branch.count += right.count;
            match (&mut branch.node, right.node) {
                (Node::Leaf(a), Node::Leaf(mut b)) => a.append(&mut b),
                (Node::Inner(a), Node::Inner(mut b)) => a.append(&mut b),
                // All nodes of a level are of one kind.
                _ => {}
            }
        }
        _ => {}
    }
}

/// The tree.
#[derive(Clone, Debug)]
pub struct Tree {
    root: Node,
    len: usize,
}

impl Default for Tree {
    fn default() -> Tree {
        Tree { root: Node::Leaf(Vec::new()), len: 0 }
    }
}

impl Tree {
    /// Adds an entry behind those that are `less`.
    pub fn insert(&mut self, entry: Entry, less: Less<'_>) {
        self.len += 1;
        if let Some(right) = self.root.insert(entry, less) {
            let left = std::mem::replace(&mut self.root, Node::Inner(Vec::new()));
            self.root = Node::Inner(vec![Branch::new(left), Branch::new(right)]);
        }
    }

    /// Takes out the entry of `id`, which stands right behind those that are `less`.
    pub fn remove(&mut self, id: u64, less: Less<'_>) {
        if self.root.remove(id, less) {
            self.len -= 1;
        }
        while let Node::Inner(branches) = &mut self.root
            && branches.len() <= 1
        {
            self.root = branches.pop().map_or(Node::Leaf(Vec::new()), |b| b.node);
        }
    }

    /// Takes some entries off a tree that is of no use any more: a branch of its root, about. How many.
    pub fn shed(&mut self) -> usize {
        let before = self.len;
        loop {
            let node = std::mem::replace(&mut self.root, Node::Leaf(Vec::new()));
            match node {
                Node::Leaf(_) => self.len = 0,
                Node::Inner(mut branches) if self.len > SHED => match branches.pop() {
                    Some(Branch { node: Node::Inner(inner), .. }) if branches.is_empty() => {
                        self.root = Node::Inner(inner);
                        continue;
                    }
                    Some(branch) if branch.count > SHED => {
                        // Too much at once: its own branches go one by one.
                        if let Node::Inner(inner) = branch.node {
                            branches.extend(inner);
                        }
                        self.root = Node::Inner(branches);
                        continue;
                    }
                    Some(branch) => {
                        self.len = self.len.saturating_sub(branch.count);
                        self.root = Node::Inner(branches);
                    }
                    None => self.len = 0,
                },
                Node::Inner(_) => self.len = 0,
            }
            return before - self.len;
        }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many entries are `less`.
    pub fn rank(&self, less: Less<'_>) -> usize {
        self.root.rank(less)
    }

    /// The leaf that has the entry of a rank, and where in it that stands.
    fn leaf(&self, rank: usize) -> Option<(&[Entry], usize)> {
        let (mut node, mut left) = (&self.root, rank);
        loop {
            match node {
                Node::Leaf(entries) => return (left < entries.len()).then_some((entries.as_slice(), left)),
                Node::Inner(branches) => {
                    let mut inside = None;
                    for branch in branches {
                        if left < branch.count {
                            inside = Some(&branch.node);
                            break;
                        }
                        left -= branch.count;
                    }
                    node = inside?;
                }
            }
        }
    }

    /// Entries from a rank on, upwards; or downwards when `back`.
    pub fn iter_from(&self, rank: usize, back: bool) -> impl Iterator<Item = Entry> {
        let mut rank = rank;
        let mut here = self.leaf(rank);
        std::iter::from_fn(move || {
            let (leaf, at) = here?;
            let entry = *leaf.get(at)?;
            let next = if back { at.checked_sub(1) } else { Some(at + 1).filter(|n| *n < leaf.len()) };
            let next_rank = if back { rank.checked_sub(1) } else { Some(rank + 1) };
            here = match (next, next_rank) {
                (Some(at), _) => Some((leaf, at)),
                (None, Some(rank)) => self.leaf(rank),
                (None, None) => None,
            };
            rank = next_rank.unwrap_or(0);
            Some(entry)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(node: &Node) -> usize {
        match node {
            Node::Leaf(_) => 1,
            Node::Inner(branches) => 1 + branches.iter().map(|b| depth(&b.node)).max().unwrap_or(0),
        }
    }

    /// Counts, first entries and sizes are right everywhere; the number of nodes.
    fn check(node: &Node) -> usize {
        assert!(node.len() <= MOST);
        match node {
            Node::Leaf(_) => 1,
            Node::Inner(branches) => {
                1 + branches
                    .iter()
                    .map(|b| {
                        let fresh = Branch::new(b.node.clone());
                        assert_eq!((b.first, b.count), (fresh.first, fresh.count));
                        check(&b.node)
                    })
                    .sum::<usize>()
            }
        }
    }

    #[test]
    fn agrees_with_a_sorted_vector() {
        let (mut tree, mut model, mut state) = (Tree::default(), Vec::<(u64, u64)>::new(), 9u64);
        for n in 0..40_000u64 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let random = (state >> 33) as usize;
            // Grows, then shrinks to nearly nothing.
            if random % 10 < if n < 20_000 { 2 } else { 8 } && !model.is_empty() {
                let at = random % model.len();
                let (score, id) = model.remove(at);
                tree.remove(id, &|e| (e.score as u64, e.id) < (score, id));
            } else {
                let entry = ((state >> 40) % 500, n);
                let at = model.partition_point(|e| *e < entry);
                model.insert(at, entry);
                tree.insert(Entry { score: entry.0 as f64, id: n }, &|e| (e.score as u64, e.id) < entry);
            }
            assert_eq!(tree.len, model.len());
            if n % 1000 == 0 {
                check(&tree.root);
                let at = random % (model.len() + 1);
                let plain = |e: Entry| (e.score as u64, e.id);
                assert!(tree.iter_from(at, false).map(plain).eq(model[at..].iter().copied()));
                assert!(
                    tree.iter_from(at, true).map(plain).eq(model.get(..=at).unwrap_or_default().iter().rev().copied())
                );
                if let Some(target) = model.get(at) {
                    assert_eq!(tree.rank(&|e| plain(*e) < *target), at);
                }
            }
        }
    }

    #[test]
    fn stays_flat_and_shrinks() {
        let mut tree = Tree::default();
        for n in 0..100_000u64 {
            tree.insert(Entry { score: n as f64, id: n }, &|e| e.id < n);
        }
        assert!(depth(&tree.root) <= 3 && check(&tree.root) < 2000);
        for n in (0..100_000u64).filter(|n| n % 100 > 0) {
            tree.remove(n, &|e| e.id < n);
        }
        assert!(check(&tree.root) < 100);
        assert_eq!(tree.iter_from(999, false).map(|e| e.id).collect::<Vec<_>>(), [99_900]);
    }
}
