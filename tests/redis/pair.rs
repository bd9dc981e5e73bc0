//! Ours and the real one, asked the same.

use crate::generate::Step;
use crate::ours::Ours;
use crate::real::Real;
use crate::reply::{Like, Reply, read_all};

/// Databases that the grammar uses.
const DATABASES: [&str; 3] = ["0", "1", "9"];

/// Where both said something else.
pub struct Mismatch {
    /// Which step.
    pub at: usize,
    /// What was sent.
    pub step: Step,
    /// What ours said.
    pub ours: String,
    /// What the real one said.
    pub real: String,
}

/// The two servers.
pub struct Pair {
    /// The engine in this process.
    pub ours: Ours,
    /// The real server.
    pub real: Real,
}

/// A step from words.
pub fn step(like: Like, words: &[&[u8]]) -> Step {
    Step { argv: words.iter().map(|w| w.to_vec()).collect(), like }
}

impl Pair {
    /// Sends one step to ours.
    fn ask_ours(&mut self, step: &Step) -> Reply {
        let mut bytes = Vec::new();
        resp::encode_request(&mut bytes, &step.argv);
        let answer = self.ours.send(0, &bytes);
        let (mut replies, used) = read_all(&answer);
        if replies.len() == 1 && used == answer.len() { replies.remove(0) } else { Reply::Leaf(answer) }
    }

    /// Sends steps to both and compares each reply.
    pub fn run(&mut self, steps: &[Step]) -> (Vec<Reply>, Option<Mismatch>) {
        let mut bytes = Vec::new();
        for step in steps {
            resp::encode_request(&mut bytes, &step.argv);
        }
        self.ours.set_clock();
        self.real.send(0, &bytes);
        let ours: Vec<Reply> = steps.iter().map(|step| self.ask_ours(step)).collect();
        let real = self.real.replies(0, steps.len());
        let nothing = Reply::Leaf(Vec::new());
        let wrong = (0..steps.len()).find(|n| !ours[*n].equals(real.get(*n).unwrap_or(&nothing), steps[*n].like));
        let mismatch = wrong.map(|at| Mismatch {
            at,
            step: steps[at].clone(),
            ours: ours[at].show(),
            real: real.get(at).unwrap_or(&nothing).show(),
        });
        (real, mismatch)
    }

    /// Compares all keys: what they are, how they are kept, what they hold, when they end.
    pub fn compare_states(&mut self) -> Option<Mismatch> {
        for db in DATABASES {
            let select = step(Like::Exact, &[b"SELECT", db.as_bytes()]);
            let (replies, wrong) = self.run(&[select, step(Like::Unordered, &[b"KEYS", b"*"])]);
            if wrong.is_some() {
                return wrong;
            }
            let keys = replies.get(1).map(bulks).unwrap_or_default();
            let kinds: Vec<Step> = keys.iter().map(|key| step(Like::Exact, &[b"TYPE", key])).collect();
            let (replies, wrong) = self.run(&kinds);
            if wrong.is_some() {
                return wrong;
            }
            let mut steps = Vec::new();
            for (key, kind) in keys.iter().zip(&replies) {
                steps.push(step(Like::Exact, &[b"OBJECT", b"ENCODING", key]));
                steps.push(step(Like::Clock, &[b"PEXPIRETIME", key]));
                steps.extend(reading(key, &kind.show()));
            }
            let (replies, wrong) = self.run(&steps);
            if wrong.is_some() {
                return wrong;
            }
            let wrong = self.compare_field_expiry(&steps, &replies);
            if wrong.is_some() {
                return wrong;
            }
        }
        None
    }

    fn compare_field_expiry(&mut self, steps: &[Step], replies: &[Reply]) -> Option<Mismatch> {
        let mut asked = Vec::new();
        for (step, reply) in steps.iter().zip(replies).filter(|(step, _)| step.argv[0] == b"HKEYS") {
            let fields = bulks(reply);
            let mut argv = vec![b"HPEXPIRETIME".to_vec(), step.argv[1].clone(), b"FIELDS".to_vec()];
            argv.push(fields.len().to_string().into_bytes());
            argv.extend(fields);
            asked.push(Step { argv, like: Like::Clock });
            // In the real one's order, the one thing that both can be asked in.
        }
        if self.real.version < (7, 4, 0) { None } else { self.run(&asked).1 }
    }
}

/// The strings that a reply holds.
pub fn bulks(reply: &Reply) -> Vec<Vec<u8>> {
    let Reply::Group(_, items) = reply else { return Vec::new() };
    items.iter().filter_map(bulk).collect()
}

/// The content of a bulk string.
pub fn bulk(reply: &Reply) -> Option<Vec<u8>> {
    let Reply::Leaf(bytes) = reply else { return None };
    let start = bytes.windows(2).position(|w| w == b"\r\n")? + 2;
    bytes.starts_with(b"$").then(|| bytes.get(start..bytes.len() - 2).map(<[u8]>::to_vec))?
}

/// What reads a key of a kind, whole.
fn reading(key: &[u8], kind: &str) -> Vec<Step> {
    match kind.trim_start_matches('+').trim_end_matches("\\r\\n") {
        "string" => vec![step(Like::Exact, &[b"GET", key])],
        "list" => vec![step(Like::Exact, &[b"LRANGE", key, b"0", b"-1"])],
        "set" => vec![step(Like::Unordered, &[b"SMEMBERS", key])],
        "zset" => vec![step(Like::Exact, &[b"ZRANGE", key, b"0", b"-1", b"WITHSCORES"])],
        "hash" => {
            vec![step(Like::UnorderedPairs, &[b"HGETALL", key]), step(Like::Unordered, &[b"HKEYS", key])]
        }
        _ => vec![step(Like::Clock, &[b"XINFO", b"STREAM", key, b"FULL", b"COUNT", b"0"])],
    }
}
