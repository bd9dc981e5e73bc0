//! The graph of near neighbours by which a vector set is searched: a hierarchical navigable small world (HNSW).
//!
//! Every node is in layer 0, a quarter of them in layer 1 too, and so on. A search walks greedily through the upper
//! layers to the right region, and explores layer 0 from there.

use super::quant::Vector;
use std::cmp::Ordering;
use std::collections::{BTreeSet, BinaryHeap};

/// The highest layer.
const MAX_LEVEL: u32 = 16;
/// How many candidates a node that lost neighbours is connected anew with.
const RECONNECT: usize = 64;

/// A place in the graph.
pub type Place = u32;

/// A node.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its number, by which it is known in files.
    pub id: u64,
    /// The element's name.
    pub name: Box<[u8]>,
    /// Its attributes, JSON.
    pub attribute: Option<Box<[u8]>>,
    /// Where it is.
    pub vector: Vector,
    /// Its neighbours in each of its layers; whoever is one has it as one.
    pub layers: Vec<Vec<Place>>,
}

/// A node at a distance; the nearer ones come first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// How far away.
    pub distance: f32,
    /// Who.
    pub place: Place,
}

impl Eq for Near {}

impl Ord for Near {
    fn cmp(&self, other: &Near) -> Ordering {
        self.distance.total_cmp(&other.distance).then(self.place.cmp(&other.place))
    }
}

impl PartialOrd for Near {
    fn partial_cmp(&self, other: &Near) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Which nodes a search looks for, and how many it may look at in vain.
pub struct Filter<'a> {
    /// Whether a node is wanted.
    pub wanted: &'a dyn Fn(&Node) -> bool,
    /// The most nodes that are looked at.
    pub effort: usize,
}

/// The graph.
#[derive(Clone, Debug)]
pub struct Graph {
    /// Components of a vector.
    pub dim: usize,
    /// How many neighbours a node seeks in each layer; in layer 0 it may have twice as many.
    pub m: usize,
    /// The number of the newest node.
    pub last_id: u64,
    nodes: Vec<Option<Node>>,
    free: Vec<Place>,
    entry: Option<Place>,
}

/// The layer up to which a node goes, from random bits: each next one with a probability of a quarter.
pub fn level_of(random: u64) -> u32 {
    (random.trailing_zeros() / 2).min(MAX_LEVEL)
}

impl Graph {
    /// A graph without nodes.
    pub fn new(dim: usize, m: usize) -> Graph {
        Graph { dim, m, last_id: 0, nodes: Vec::new(), free: Vec::new(), entry: None }
    }

    /// How many nodes there are.
    pub fn count(&self) -> usize {
        self.nodes.len() - self.free.len()
    }

    /// A node.
    pub fn node(&self, place: Place) -> Option<&Node> {
        self.nodes.get(place as usize)?.as_ref()
    }

    /// A node, to be changed.
    pub fn node_mut(&mut self, place: Place) -> Option<&mut Node> {
        self.nodes.get_mut(place as usize)?.as_mut()
    }

    /// All nodes.
    pub fn nodes(&self) -> impl Iterator<Item = (Place, &Node)> {
        self.nodes.iter().enumerate().filter_map(|(at, node)| Some((at as Place, node.as_ref()?)))
    }

    /// The highest layer that any node is in.
    pub fn max_level(&self) -> usize {
        self.entry.map_or(0, |entry| self.level(entry))
    }

    /// How many neighbours a node may have in a layer.
    pub fn room(&self, layer: usize) -> usize {
        if layer == 0 { 2 * self.m } else { self.m }
    }

    fn level(&self, place: Place) -> usize {
        self.node(place).map_or(0, |node| node.layers.len().saturating_sub(1))
    }

    fn links(&self, place: Place, layer: usize) -> &[Place] {
        self.node(place).and_then(|node| node.layers.get(layer)).map_or(&[], Vec::as_slice)
    }

    fn links_mut(&mut self, place: Place, layer: usize) -> Option<&mut Vec<Place>> {
        self.node_mut(place)?.layers.get_mut(layer)
    }

    /// How far apart two nodes are.
    pub fn distance(&self, a: Place, b: Place) -> f32 {
        match (self.node(a), self.node(b)) {
            (Some(a), Some(b)) => a.vector.distance(&b.vector, self.dim),
            _ => 2.0,
        }
    }

    fn near(&self, vector: &Vector, place: Place) -> Near {
        Near { distance: self.node(place).map_or(2.0, |node| vector.distance(&node.vector, self.dim)), place }
    }

    /// Puts a node in without neighbours.
    pub fn put(&mut self, node: Node) -> Place {
        self.last_id = self.last_id.max(node.id);
        match self.free.pop() {
            Some(place) => {
                if let Some(slot) = self.nodes.get_mut(place as usize) {
                    *slot = Some(node);
                }
                place
            }
            None => {
                self.nodes.push(Some(node));
                (self.nodes.len() - 1) as Place
            }
        }
    }

    /// Makes the node the one from which searches start, if it is in a higher layer than the present one.
    pub fn may_enter(&mut self, place: Place) {
        if self.entry.is_none_or(|entry| self.level(place) > self.level(entry)) {
            self.entry = Some(place);
        }
    }

    /// Adds a node; `ef`: how many candidates for its neighbours are looked at.
    pub fn insert(&mut self, node: Node, ef: usize) -> Place {
        let (vector, level) = (node.vector.clone(), node.layers.len().saturating_sub(1));
        let Some(entry) = self.entry else {
            let place = self.put(node);
            self.entry = Some(place);
            return place;
        };
        let top = self.level(entry);
        let mut from = self.descend(&vector, entry, level);
        let mut found = Vec::new();
        for layer in (0..=level.min(top)).rev() {
            let candidates = self.search_layer(&vector, from, ef, layer, None);
            from = candidates.first().map_or(from, |near| near.place);
            found.push((layer, candidates));
        }
        let place = self.put(node);
        for (layer, candidates) in found {
            self.connect(place, layer, &candidates, self.m);
        }
        self.may_enter(place);
        place
    }

    /// Walks down through the upper layers to the node nearest to a vector in the layer above `level`.
    fn descend(&self, vector: &Vector, entry: Place, level: usize) -> Place {
        let layers = (level + 1..=self.level(entry)).rev();
        layers.fold(entry, |from, layer| {
            self.search_layer(vector, from, 1, layer, None).first().map_or(from, |near| near.place)
        })
    }

    /// The nearest nodes, nearest first.
    pub fn search(&self, vector: &Vector, count: usize, filter: Option<&Filter<'_>>) -> Vec<Near> {
        let Some(entry) = self.entry else { return Vec::new() };
        self.search_layer(vector, self.descend(vector, entry, 0), count, 0, filter)
    }

    fn search_layer(
        &self,
        vector: &Vector,
        from: Place,
        ef: usize,
        layer: usize,
        filter: Option<&Filter<'_>>,
    ) -> Vec<Near> {
        let wanted = |place: Place| filter.is_none_or(|f| self.node(place).is_some_and(|node| (f.wanted)(node)));
        let mut visited = vec![0u64; self.nodes.len().div_ceil(64)];
        let mut first_visit = |place: Place| {
            let Some(word) = visited.get_mut(place as usize / 64) else { return false };
            let bit = 1 << (place % 64);
            let first = *word & bit == 0;
            *word |= bit;
            first
        };
        first_visit(from);
        let start = self.near(vector, from);
        let mut candidates = BinaryHeap::from([std::cmp::Reverse(start)]);
        let mut results: BinaryHeap<Near> = BinaryHeap::new();
        if wanted(from) {
            results.push(start);
        }
        let mut looked_at = 1;
        while let Some(std::cmp::Reverse(current)) = candidates.pop() {
            looked_at += 1;
            let furthest = results.peek().map_or(f32::INFINITY, |near| near.distance);
            if (results.len() >= ef && current.distance > furthest) || filter.is_some_and(|f| looked_at > f.effort) {
                break;
            }
            for neighbour in self.links(current.place, layer) {
                if !first_visit(*neighbour) {
                    continue;
                }
                let near = self.near(vector, *neighbour);
                let furthest = results.peek().map_or(f32::INFINITY, |near| near.distance);
                let good = results.len() < ef || near.distance < furthest;
                // Past those that are not wanted lies the way to others.
                if good || (filter.is_some() && candidates.len() < ef) {
                    candidates.push(std::cmp::Reverse(near));
                }
                if good && wanted(*neighbour) {
                    results.push(near);
                    if results.len() > ef {
                        results.pop();
                    }
                }
            }
        }
        results.into_sorted_vec()
    }

    /// Gives a node neighbours in a layer, at most so many: such that lie in different directions, then the nearest.
    fn connect(&mut self, place: Place, layer: usize, candidates: &[Near], most: usize) {
        let others: Vec<Near> = candidates.iter().copied().filter(|near| near.place != place).collect();
        let mut chosen: Vec<Near> = Vec::new();
        for near in &others {
            if chosen.len() < most && chosen.iter().all(|c| self.distance(c.place, near.place) >= near.distance) {
                chosen.push(*near);
            }
        }
        for near in &others {
            if chosen.len() < most && !chosen.contains(near) {
                chosen.push(*near);
            }
        }
        for near in &chosen {
            self.link(place, *near, layer);
        }
        // Whoever has no neighbour is never found.
        if self.links(place, layer).is_empty()
            && let Some(near) = others.first()
        {
            self.join(place, near.place, layer);
        }
    }

    fn join(&mut self, a: Place, b: Place, layer: usize) {
        for (from, to) in [(a, b), (b, a)] {
            if let Some(links) = self.links_mut(from, layer)
                && !links.contains(&to)
            {
                links.push(to);
            }
        }
    }

    fn part(&mut self, a: Place, b: Place, layer: usize) {
        for (from, to) in [(a, b), (b, a)] {
            if let Some(links) = self.links_mut(from, layer) {
                links.retain(|link| *link != to);
            }
        }
    }

    /// Makes two nodes neighbours. One that has no room gives up its furthest neighbour for a nearer one.
    fn link(&mut self, place: Place, near: Near, layer: usize) {
        let other = near.place;
        if self.links(other, layer).len() >= self.room(layer) {
            let furthest =
                self.links(other, layer).iter().map(|l| Near { distance: self.distance(other, *l), place: *l });
            let Some(furthest) = furthest.max() else { return };
            let only_one = self.links(furthest.place, layer).len() <= 1;
            if only_one || furthest.distance <= near.distance {
                return;
            }
            self.part(other, furthest.place, layer);
        }
        self.join(place, other, layer);
    }

    /// Drops a node of a graph that nobody searches any more.
    pub fn drop_node(&mut self, place: Place) {
        if let Some(node) = self.nodes.get_mut(place as usize) {
            *node = None;
        }
    }

    /// Takes a node out; its neighbours are connected with each other where they lost too much.
    pub fn remove(&mut self, place: Place) -> Option<Node> {
        let node = self.nodes.get_mut(place as usize)?.take()?;
        self.free.push(place);
        for (layer, links) in node.layers.iter().enumerate() {
            for neighbour in links {
                if let Some(theirs) = self.links_mut(*neighbour, layer) {
                    theirs.retain(|link| *link != place);
                }
            }
        }
        if self.entry == Some(place) {
            let levels = self.nodes().map(|(place, node)| (node.layers.len(), std::cmp::Reverse(place)));
            self.entry = levels.max().map(|(_, std::cmp::Reverse(place))| place);
        }
        for (layer, links) in node.layers.iter().enumerate() {
            for neighbour in links {
                self.reconnect(*neighbour, layer, links);
            }
        }
        Some(node)
    }

    /// Neighbours for a node that lost one: from those that lost the same, and from a search.
    fn reconnect(&mut self, place: Place, layer: usize, mates: &[Place]) {
        let few = self.m / 2;
        let has = self.links(place, layer).len();
        if has >= few {
            return;
        }
        let Some(vector) = self.node(place).map(|node| node.vector.clone()) else { return };
        let known: BTreeSet<Place> = self.links(place, layer).iter().copied().collect();
        let mut candidates: Vec<Near> = mates.iter().map(|mate| self.near(&vector, *mate)).collect();
        if let Some(entry) = self.entry.filter(|entry| layer <= self.level(*entry)) {
            let from = self.descend(&vector, entry, layer);
            candidates.extend(self.search_layer(&vector, from, RECONNECT, layer, None));
        }
        candidates.retain(|near| !known.contains(&near.place));
        candidates.sort_unstable();
        candidates.dedup();
        self.connect(place, layer, &candidates, few - has);
    }

    /// Drops neighbours that do not know of each other, and layers that are not there: what a file said wrongly.
    pub fn make_mutual(&mut self) {
        let places: Vec<Place> = self.nodes().map(|(place, _)| place).collect();
        for place in places {
            for layer in 0..=self.level(place) {
                let links = self.links(place, layer);
                let mutual = |other: &&Place| **other != place && self.links(**other, layer).contains(&place);
                let kept: Vec<Place> = links.iter().filter(mutual).copied().collect();
                if let Some(links) = self.links_mut(place, layer) {
                    *links = kept;
                }
            }
        }
    }

    /// A node on a random way through the graph.
    pub fn random(&self, mut random: impl FnMut(usize) -> usize) -> Option<&Node> {
        let mut at = self.entry?;
        for layer in (1..=self.max_level()).rev() {
            if let Some(next) = pick(self.links(at, layer), &mut random) {
                at = next;
            }
        }
        // An even number of steps would lead back to the beginning in a graph of two nodes.
        let steps = 3 * (usize::BITS - self.count().leading_zeros()) as usize + random(2);
        for _ in 0..steps {
            match pick(self.links(at, 0), &mut random) {
                Some(next) => at = next,
                None => break,
            }
        }
        self.node(at)
    }
}

fn pick(links: &[Place], random: &mut impl FnMut(usize) -> usize) -> Option<Place> {
    if links.is_empty() { None } else { links.get(random(links.len())).copied() }
}

#[cfg(test)]
mod tests {
    use super::super::quant::Quant;
    use super::*;

    fn random(state: &mut u64) -> u64 {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state
    }

    fn vector(state: &mut u64) -> Vector {
        Vector::new((0..8).map(|_| (random(state) % 2001) as f32 / 1000.0 - 1.0).collect(), Quant::None)
    }

    fn add(graph: &mut Graph, state: &mut u64) -> Place {
        let (id, layers) = (graph.last_id + 1, vec![Vec::new(); level_of(random(state)) as usize + 1]);
        graph.insert(Node { id, name: Box::default(), attribute: None, vector: vector(state), layers }, 100)
    }

    /// Which share of the ten nearest nodes a search finds.
    fn recall(graph: &Graph, state: &mut u64) -> f64 {
        let mut found = 0;
        for _ in 0..50 {
            let query = vector(state);
            let mut all: Vec<Near> = graph.nodes().map(|(place, _)| graph.near(&query, place)).collect();
            all.sort_unstable();
            let near = graph.search(&query, 100, None);
            found += near.iter().take(10).filter(|n| all[..10].contains(n)).count();
        }
        f64::from(found as u32) / 500.0
    }

    #[test]
    fn searches_find_the_nearest_also_after_many_are_gone() {
        let (mut graph, mut state) = (Graph::new(8, 16), 88_172_645_463_325_252);
        let mut places: Vec<Place> = (0..2000).map(|_| add(&mut graph, &mut state)).collect();
        assert!(recall(&graph, &mut state) > 0.95);
        for _ in 0..1500 {
            let at = random(&mut state) as usize % places.len();
            assert!(graph.remove(places.swap_remove(at)).is_some());
        }
        assert!(graph.count() == 500 && recall(&graph, &mut state) > 0.95);
        for (place, node) in graph.nodes() {
            for (layer, links) in node.layers.iter().enumerate() {
                assert!(links.iter().all(|l| graph.links(*l, layer).contains(&place)), "links go both ways");
            }
        }
    }

    #[test]
    fn a_filter_finds_the_few_that_are_wanted() {
        let (mut graph, mut state) = (Graph::new(8, 16), 1_234_567);
        for _ in 0..500 {
            add(&mut graph, &mut state);
        }
        let wanted = |node: &Node| node.id.is_multiple_of(50);
        let found = graph.search(&vector(&mut state), 20, Some(&Filter { wanted: &wanted, effort: 10_000 }));
        assert_eq!(found.len(), 10);
    }

    #[test]
    fn an_empty_graph_and_its_first_nodes() {
        let (mut graph, mut state) = (Graph::new(8, 4), 99);
        assert!(graph.search(&vector(&mut state), 1, None).is_empty() && graph.random(|_| 0).is_none());
        let only = add(&mut graph, &mut state);
        assert_eq!(graph.search(&vector(&mut state), 5, None).len(), 1);
        graph.remove(only);
        assert!(graph.count() == 0 && graph.max_level() == 0);
        add(&mut graph, &mut state);
        assert!(graph.random(|_| 0).is_some());
    }
}
