//! Vector sets: elements that are found by how near their vectors are. (`redis: vector sets`, since 8.0)

pub mod filter;
mod graph;
pub mod quant;

use std::collections::BTreeMap;

pub use graph::{Filter, Graph, Near, Node, Place, level_of};
use quant::{Quant, Vector};

/// The most components of a vector.
pub const MAX_DIM: usize = 1 << 16;
/// Neighbours that a node seeks where nobody says how many.
pub const DEFAULT_M: usize = 16;

/// How vectors of more components become such as the set has (REDUCE).
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    /// Components before.
    pub input: usize,
    /// A row of factors for each component after.
    pub matrix: Box<[f32]>,
}

/// The most factors of a projection: 64 MB.
pub const MAX_FACTORS: usize = 1 << 24;

impl Projection {
    /// Factors of equal size whose signs are those of a Hadamard matrix: the same on every server.
    pub fn new(input: usize, output: usize) -> Projection {
        let scale = (1.0 / (input as f64).sqrt()) as f32;
        let sign = |i: usize, j: usize| if (i & j).count_ones().is_multiple_of(2) { scale } else { -scale };
        Projection { input, matrix: (0..output).flat_map(|i| (0..input).map(move |j| sign(i, j))).collect() }
    }

    /// The vector with fewer components.
    pub fn apply(&self, values: &[f32]) -> Vec<f32> {
        let row = |factors: &[f32]| factors.iter().zip(values).fold(0.0, |sum, (f, x)| sum + f * x);
        self.matrix.chunks(self.input.max(1)).map(row).collect()
    }
}

/// A vector set.
#[derive(Clone, Debug)]
pub struct VectorSet {
    /// How vectors are kept.
    pub quant: Quant,
    /// Set for sets whose vectors had more components.
    pub projection: Option<Projection>,
    /// Which vector set this is, counted from the server's start.
    pub uid: u64,
    graph: Graph,
    members: BTreeMap<Box<[u8]>, Place>,
    attributes: usize,
}

impl VectorSet {
    /// A set without elements.
    pub fn new(dim: usize, quant: Quant, m: usize, uid: u64) -> VectorSet {
        let (graph, members) = (Graph::new(dim, m), BTreeMap::new());
        VectorSet { quant, projection: None, uid, graph, members, attributes: 0 }
    }

    /// The graph.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Components of a vector, as they are kept.
    pub fn dim(&self) -> usize {
        self.graph.dim
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// How many elements have attributes.
    pub fn attributes(&self) -> usize {
        self.attributes
    }

    /// Where an element is.
    pub fn place(&self, name: &[u8]) -> Option<Place> {
        self.members.get(name).copied()
    }

    /// An element.
    pub fn get(&self, name: &[u8]) -> Option<&Node> {
        self.graph.node(self.place(name)?)
    }

    /// The elements by name.
    pub fn names(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.members.keys().map(|name| &**name)
    }

    /// The elements whose names are not less than this one, in order.
    pub fn names_from(&self, from: &[u8]) -> impl Iterator<Item = &[u8]> {
        self.members
            .range::<[u8], _>((std::ops::Bound::Included(from), std::ops::Bound::Unbounded))
            .map(|(name, _)| &**name)
    }

    /// Adds an element or gives it another vector; whether it is new. `attribute`: None leaves what it has, an empty
    /// one removes it. `level`: its highest layer. `ef`: how many candidates for its neighbours are looked at.
    pub fn insert(&mut self, name: &[u8], values: Vec<f32>, attribute: Option<&[u8]>, level: u32, ef: usize) -> bool {
        let old = self.place(name).and_then(|place| self.graph.remove(place));
        let new = old.is_none();
        let node = Node {
            id: self.graph.last_id + 1,
            name: name.into(),
            attribute: old.and_then(|node| node.attribute),
            vector: Vector::new(values, self.quant),
            layers: vec![Vec::new(); level as usize + 1],
        };
        let place = self.graph.insert(node, ef.min(self.graph.count() + 1));
        self.members.insert(name.into(), place);
        match attribute {
            Some(text) if !(new && text.is_empty()) => drop(self.set_attribute(name, text)),
            _ => {}
        }
        new
    }

    /// Removes an element; whether it was there.
    pub fn remove(&mut self, name: &[u8]) -> bool {
        let Some(node) = self.members.remove(name).and_then(|place| self.graph.remove(place)) else { return false };
        self.attributes -= usize::from(node.attribute.is_some());
        true
    }

    /// Gives an element attributes; an empty text takes them away. Whether the element is there.
    pub fn set_attribute(&mut self, name: &[u8], text: &[u8]) -> bool {
        let Some(node) = self.place(name).and_then(|place| self.graph.node_mut(place)) else { return false };
        let had = node.attribute.is_some();
        node.attribute = (!text.is_empty()).then(|| text.into());
        self.attributes = self.attributes - usize::from(had) + usize::from(node.attribute.is_some());
        true
    }

    /// Drops some elements of a set that nobody uses any more; how many.
    pub fn shed(&mut self) -> usize {
        const SOME: usize = 64;
        let before = self.members.len();
        for _ in 0..SOME {
            if let Some((_, place)) = self.members.pop_last() {
                self.graph.drop_node(place);
            }
        }
        before - self.members.len()
    }

    /// The elements nearest to a vector, nearest first. `truth`: all are compared.
    pub fn search(&self, values: Vec<f32>, count: usize, filter: Option<&Filter<'_>>, truth: bool) -> Vec<Near> {
        let vector = Vector::new(values, self.quant);
        let count = count.min(self.len());
        if !truth {
            return self.graph.search(&vector, count, filter);
        }
        let wanted = self.graph.nodes().filter(|(_, node)| filter.is_none_or(|f| (f.wanted)(node)));
        let near = |(place, node): (Place, &Node)| Near { distance: vector.distance(&node.vector, self.dim()), place };
        let mut all: Vec<Near> = wanted.map(near).collect();
        all.sort_unstable();
        all.truncate(count);
        all
    }

    /// A set read from a file: nodes whose neighbours are named by number. None where a number is given twice.
    pub fn from_nodes(mut self, nodes: Vec<(Node, Vec<Vec<u64>>)>) -> Option<VectorSet> {
        let mut links = Vec::new();
        let mut places = BTreeMap::new();
        for (node, neighbours) in nodes {
            let (id, name) = (node.id, node.name.clone());
            self.attributes += usize::from(node.attribute.is_some());
            let place = self.graph.put(node);
            let known = places.insert(id, place).is_some() || self.members.insert(name, place).is_some();
            (!known).then_some(())?;
            links.push((place, neighbours));
        }
        for (place, neighbours) in &links {
            let layers: Vec<Vec<Place>> =
                neighbours.iter().map(|all| all.iter().filter_map(|id| places.get(id).copied()).collect()).collect();
            if let Some(node) = self.graph.node_mut(*place) {
                node.layers = layers;
            }
        }
        self.graph.make_mutual();
        links.iter().for_each(|(place, _)| self.graph.may_enter(*place));
        Some(self)
    }

    /// Bytes that the real server takes for such a set, by its own estimate.
    pub fn memory(&self) -> usize {
        const SET: usize = 1824;
        const NODE: usize = 304;
        const LAYER: usize = 24;
        let projection = self.projection.as_ref().map_or(0, |p| 4 * p.matrix.len());
        let room = self.graph.room(0);
        let links = 8 * room + 8 * (room / 2) / 3;
        let names: usize = self.members.keys().take(20).map(|name| (name.len() + 20).next_multiple_of(16)).sum();
        let name = names / self.len().clamp(1, 20);
        let each = NODE + self.quant.bytes(self.dim()) + LAYER * 4 / 3 + links + name + 16;
        SET + projection + each * self.len() + 48 * self.attributes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_come_change_and_go() {
        let mut set = VectorSet::new(2, Quant::None, DEFAULT_M, 0);
        assert!(
            set.insert(b"a", vec![1.0, 0.0], Some(b"{}"), 0, 200) && set.insert(b"b", vec![0.0, 1.0], None, 1, 200)
        );
        assert!(!set.insert(b"a", vec![1.0, 1.0], None, 0, 200));
        assert!(set.len() == 2 && set.attributes() == 1 && set.get(b"a").is_some_and(|n| n.attribute.is_some()));
        let near = set.search(vec![0.0, 3.0], 10, None, false);
        assert_eq!(near, set.search(vec![0.0, 3.0], 10, None, true));
        assert_eq!(near.first().and_then(|n| set.graph().node(n.place)).map(|n| &*n.name), Some(&b"b"[..]));
        assert!(set.set_attribute(b"a", b"") && set.attributes() == 0 && !set.set_attribute(b"c", b"x"));
        assert!(set.remove(b"a") && !set.remove(b"a") && set.remove(b"b") && set.is_empty());
    }

    #[test]
    fn projections_keep_what_is_near_near() {
        let projection = Projection::new(4, 2);
        assert_eq!(projection.apply(&[1.0, 2.0, 3.0, 4.0]), [5.0, -1.0]);
    }
}
