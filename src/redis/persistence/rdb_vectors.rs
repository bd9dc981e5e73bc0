//! Vector sets in RDB: a value of the module `vectorset`, with the graph, so that loading builds nothing anew.

use super::rdb_read::Reader;
use super::rdb_write::{Writer, part};
use crate::data::vectors::quant::{Quant, Vector, floats};
use crate::data::vectors::{DEFAULT_M, MAX_DIM, MAX_FACTORS, Node, Place, Projection, VectorSet};

/// The name of the module's type.
pub const MODULE: &str = "vectorset";
/// `vectorset` in the alphabet of module types, nine letters of six bits, and the version 0.
const MODULE_ID: u64 = 0xbde7_2da2_bb1e_b400;
const HAS_PROJECTION: u64 = 1;
const HAS_ATTRIBUTES: u64 = 2;
/// Of how a node is written: since it the worst neighbour of each layer is said.
const NODE_VERSION: u64 = 1;

fn unsigned(w: &mut Writer, n: u64) {
    w.len(part::UNSIGNED);
    w.len(n);
}

fn string(w: &mut Writer, bytes: &[u8]) {
    w.len(part::STRING);
    w.string(bytes);
}

/// Writes what stands before a vector set's elements. Behind them comes [`part::END`].
pub fn head(w: &mut Writer, set: &VectorSet) {
    w.len(MODULE_ID);
    unsigned(w, set.dim() as u64);
    unsigned(w, set.len() as u64);
    let quant = match set.quant {
        Quant::None => 0,
        Quant::Q8 => 1,
        Quant::Bin => 2,
    };
    unsigned(w, quant | (set.graph().m as u64) << 8);
    let attributes = set.attributes() > 0;
    let projection = if set.projection.is_some() { HAS_PROJECTION } else { 0 };
    unsigned(w, projection | if attributes { HAS_ATTRIBUTES } else { 0 });
    if let Some(projection) = &set.projection {
        unsigned(w, projection.input as u64);
        string(w, &projection.matrix.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>());
    }
}

/// Writes an element.
pub fn write(w: &mut Writer, set: &VectorSet, place: Place, node: &Node) {
    string(w, &node.name);
    if set.attributes() > 0 {
        string(w, node.attribute.as_deref().unwrap_or_default());
    }
    string(w, &node.vector.to_bytes());
    let parameters = parameters(set, place, node);
    unsigned(w, parameters.len() as u64);
    for parameter in parameters {
        unsigned(w, parameter);
    }
}

/// The node's number, its layers with their neighbours, and two numbers of its vector.
fn parameters(set: &VectorSet, place: Place, node: &Node) -> Vec<u64> {
    let graph = set.graph();
    let level = node.layers.len().saturating_sub(1) as u64;
    let mut out = vec![node.id, level | NODE_VERSION << 24];
    for (layer, links) in node.layers.iter().enumerate() {
        out.push(links.len() as u64);
        out.push(graph.room(layer).max(links.len()) as u64);
        out.extend(links.iter().filter_map(|link| graph.node(*link)).map(|neighbour| neighbour.id));
        let distances = links.iter().enumerate().map(|(at, link)| (graph.distance(place, *link), at));
        let (worst, at) = distances.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or_default();
        out.push(u64::from(worst.to_bits()) << 32 | at as u64);
    }
    out.push(u64::from(node.vector.range.to_bits()) << 32 | u64::from(node.vector.l2.to_bits()));
    out
}

/// Reads a vector set, behind the number of its module and up to the mark of the end.
pub fn read(r: &mut Reader<'_>) -> Option<VectorSet> {
    let dim = usize::try_from(take(r)?).ok().filter(|dim| (1..=MAX_DIM).contains(dim))?;
    let count = usize::try_from(take(r)?).ok()?;
    let config = take(r)?;
    let quant = match config & 0xff {
        0 => Quant::None,
        1 => Quant::Q8,
        2 => Quant::Bin,
        _ => return None,
    };
    let m = match (config >> 8 & 0xffff) as usize {
        0 => DEFAULT_M,
        m => m,
    };
    let flags = take(r)?;
    let mut set = VectorSet::new(dim, quant, m, 0);
    if flags & HAS_PROJECTION != 0 {
        set.projection = Some(projection(r, dim)?);
    }
    let mut nodes = Vec::new();
    for _ in 0..count {
        nodes.push(node(r, &set, flags & HAS_ATTRIBUTES != 0)?);
    }
    set.from_nodes(nodes)
}

fn take(r: &mut Reader<'_>) -> Option<u64> {
    (r.read_len()? == part::UNSIGNED).then_some(())?;
    r.read_len()
}

fn take_string(r: &mut Reader<'_>) -> Option<Vec<u8>> {
    (r.read_len()? == part::STRING).then_some(())?;
    r.string()
}

fn projection(r: &mut Reader<'_>, dim: usize) -> Option<Projection> {
    let input = usize::try_from(take(r)?).ok().filter(|input| (dim..=MAX_DIM).contains(input))?;
    (input.saturating_mul(dim) <= MAX_FACTORS).then_some(())?;
    let matrix = floats(&take_string(r)?);
    (matrix.len() == input * dim).then(|| Projection { input, matrix: matrix.into() })
}

fn node(r: &mut Reader<'_>, set: &VectorSet, attributes: bool) -> Option<(Node, Vec<Vec<u64>>)> {
    let name = take_string(r)?;
    let attribute = if attributes { take_string(r)? } else { Vec::new() };
    let vector = take_string(r)?;
    // Each takes two bytes at least.
    let count = usize::try_from(take(r)?).ok().filter(|n| *n <= r.left() / 2)?;
    let parameters: Vec<u64> = (0..count).map(|_| take(r)).collect::<Option<_>>()?;
    let mut rest = parameters.into_iter();
    let id = rest.next()?;
    let shape = rest.next()?;
    let (level, version) = (shape & 0xff, shape >> 24 & 0xff);
    (level <= 16).then_some(())?;
    let mut layers = Vec::new();
    for _ in 0..=level {
        let links = usize::try_from(rest.next()?).ok()?;
        rest.next()?;
        let ids: Vec<u64> = rest.by_ref().take(links).collect();
        (ids.len() == links).then_some(())?;
        layers.push(ids);
        if version >= NODE_VERSION {
            rest.next()?;
        }
    }
    let scales = rest.next()?;
    let (l2, range) = (f32::from_bits(scales as u32), f32::from_bits((scales >> 32) as u32));
    let vector = Vector::from_bytes(&vector, set.quant, set.dim(), l2, range)?;
    let attribute = (!attribute.is_empty()).then(|| attribute.into());
    let places = vec![Vec::new(); layers.len()];
    Some((Node { id, name: name.into(), attribute, vector, layers: places }, layers))
}
