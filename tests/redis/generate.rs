//! Command sequences from a seed, by the grammar in grammar.txt.

use crate::reply::Like;
use redis::server::random::Rng;

/// The server's own generator, begun from a seed of ours.
pub struct Random(Rng);

impl Random {
    /// A generator; equal seeds give equal sequences.
    pub fn new(seed: u64) -> Random {
        Random(Rng::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ 0x1234_5678_9abc_def0))
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0.number()
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// A number between two, both included.
    fn within(&mut self, least: i64, most: i64) -> i64 {
        least + self.below((most - least + 1) as usize) as i64
    }
}

/// A command to be sent.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its words.
    pub argv: Vec<Vec<u8>>,
    /// How its replies are compared.
    pub like: Like,
}

impl Step {
    /// As one would type it.
    pub fn show(&self) -> String {
        let words: Vec<String> = self
            .argv
            .iter()
            .map(|w| {
                let plain = !w.is_empty() && w.iter().all(|c| c.is_ascii_graphic() && !b"\"'\\".contains(c));
                if plain { String::from_utf8_lossy(w).into_owned() } else { format!("\"{}\"", w.escape_ascii()) }
            })
            .collect();
        words.join(" ")
    }
}

/// A line of the grammar.
struct Form {
    group: String,
    like: Like,
    words: Vec<String>,
}

/// The forms that both servers know.
pub struct Grammar {
    forms: Vec<Form>,
    groups: Vec<String>,
}

const GRAMMAR: &str = include_str!("grammar.txt");
/// The keys: the first letter is the type that most commands make of it.
const TYPES: &str = "slSzhxpg";
const NUMBERS: [&str; 8] =
    ["9223372036854775807", "-9223372036854775808", "9223372036854775808", "0x10", "1.5", "", "abc", "4294967296"];
const FLOATS: [&str; 14] = [
    "inf",
    "-inf",
    "+inf",
    "nan",
    "1e300",
    "-1e308",
    "3.0000000000000004",
    "0.1",
    "1e-7",
    "abc",
    "",
    "1e400",
    "-0",
    "17179869184.25",
];
const VALUES: [&str; 12] =
    ["", "0", "-1", "007", "3.5", "9223372036854775807", "hello world", "\r\n", "a\0b", "\u{d55c}", "1e3", "+5"];

impl Grammar {
    /// The forms of commands that `knows` knows, up to a version.
    pub fn new(version: (u32, u32, u32), knows: impl Fn(&str) -> bool) -> Grammar {
        let mut group = String::new();
        let mut forms: Vec<Form> = Vec::new();
        for line in GRAMMAR.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[') {
                group = name.trim_end_matches(']').to_owned();
                continue;
            }
            let words: Vec<&str> = line.split(' ').collect();
            let like = match words[0] {
                "=" => Like::Exact,
                "~" => Like::Unordered,
                ":" => Like::UnorderedPairs,
                "@" => Like::Scan,
                "%" => Like::Clock,
                "?" => Like::Shape,
                "*" => Like::Kind,
                _ => Like::Ignore,
            };
            let (major, minor) = words[1].split_once('.').unwrap_or(("0", "0"));
            let since = (major.parse().unwrap_or(0), minor.parse().unwrap_or(0));
            if since > (version.0, version.1) || !knows(words[2]) {
                continue;
            }
            let mut rest: Vec<String> = Vec::new();
            for word in &words[2..] {
                match rest.last_mut().filter(|last| last.ends_with('\\')) {
                    Some(last) => {
                        last.pop();
                        last.push(' ');
                        last.push_str(word);
                    }
                    None => rest.push((*word).to_owned()),
                }
            }
            forms.push(Form { group: group.clone(), like, words: rest });
        }
        let mut groups: Vec<String> = forms.iter().map(|f| f.group.clone()).collect();
        groups.dedup();
        Grammar { forms, groups }
    }

    /// The sequence of a seed: a group or two that it is about, and something of everything.
    pub fn sequence(&self, seed: u64, length: usize) -> Vec<Step> {
        let mut random = Random::new(seed);
        let about = [random.below(self.groups.len()), random.below(self.groups.len())];
        let about = about.map(|n| self.groups[n].as_str());
        (0..length)
            .map(|_| {
                let all = random.once_in(5);
                let forms: Vec<&Form> =
                    self.forms.iter().filter(|f| all || about.contains(&f.group.as_str())).collect();
                let form = random.pick(&forms);
                self.step(&mut random, form)
            })
            .collect()
    }

    fn step(&self, random: &mut Random, form: &Form) -> Step {
        let words: Vec<&str> = form.words.iter().map(String::as_str).collect();
        let mut argv = Vec::new();
        let mut at = 0;
        expand(random, &words, &mut at, true, &mut argv);
        // What nobody means to send: a word missing, twice, or of another kind. Not where that makes a time of some
        // milliseconds, which the real server's clock would pass.
        let timed = words.iter().any(|w| matches!(*w, "$pttl" | "$atms"));
        if !timed && random.once_in(25) && matches!(form.like, Like::Exact | Like::Clock) && argv.len() > 1 {
            let at = 1 + random.below(argv.len() - 1);
            match random.below(3) {
                0 => drop(argv.remove(at)),
                1 => argv.insert(at, argv[at].clone()),
                _ => argv[at] = class(random, random_class(at)),
            }
        }
        Step { argv, like: form.like }
    }
}

fn random_class(at: usize) -> &'static str {
    ["v", "n", "f", "k", "m", "i"][at % 6]
}

/// Writes out words up to the end of the group that begins before `at`; only `wanted` ones count.
fn expand(random: &mut Random, words: &[&str], at: &mut usize, wanted: bool, out: &mut Vec<Vec<u8>>) {
    while let Some(word) = words.get(*at) {
        *at += 1;
        match *word {
            "]" | "}" | ")" => return,
            "[" => {
                let yes = wanted && random.once_in(2);
                expand(random, words, at, yes, out);
            }
            "{" => {
                let (times, from) = (1 + random.below(4), *at);
                for _ in 0..times {
                    *at = from;
                    expand(random, words, at, wanted, out);
                }
            }
            "(" => choose(random, words, at, wanted, out),
            word if wanted => match word.strip_prefix('$') {
                Some("fields") => fields(random, out),
                Some(name) if !name.is_empty() => out.push(class(random, name)),
                _ => out.push(word.as_bytes().to_vec()),
            },
            _ => {}
        }
    }
}

/// One of the alternatives up to the closing parenthesis.
fn choose(random: &mut Random, words: &[&str], at: &mut usize, wanted: bool, out: &mut Vec<Vec<u8>>) {
    let (mut depth, mut end, mut starts) = (0, *at, vec![*at]);
    while let Some(word) = words.get(end) {
        match *word {
            "(" | "[" | "{" => depth += 1,
            ")" if depth == 0 => break,
            ")" | "]" | "}" => depth -= 1,
            "|" if depth == 0 => starts.push(end + 1),
            _ => {}
        }
        end += 1;
    }
    let n = random.below(starts.len());
    let stop = starts.get(n + 1).map_or(end, |next| next - 1);
    let mut inner = starts[n];
    expand(random, &words[..stop], &mut inner, wanted, out);
    *at = end + 1;
}

fn fields(random: &mut Random, out: &mut Vec<Vec<u8>>) {
    let n = 1 + random.below(3);
    let said = if random.once_in(30) { random.below(5) } else { n };
    out.push(said.to_string().into_bytes());
    for _ in 0..n {
        out.push(class(random, "m"));
    }
}

fn key(random: &mut Random, kind: &str) -> Vec<u8> {
    // Now and then a key of the wrong type. Members of y have one score: ranges by member want that.
    let kind = if random.once_in(15) && kind != "y" { &TYPES[random.below(TYPES.len())..][..1] } else { kind };
    format!("{kind}{}", 1 + random.below(3)).into_bytes()
}

fn integer(random: &mut Random, least: i64, most: i64) -> Vec<u8> {
    if random.once_in(30) {
        return random.pick(&NUMBERS).as_bytes().to_vec();
    }
    random.within(least, most).to_string().into_bytes()
}

fn float(random: &mut Random) -> Vec<u8> {
    match random.below(12) {
        0 => random.pick(&FLOATS).as_bytes().to_vec(),
        1..=3 => format!("{}.{}", random.within(-20, 20), random.below(100)).into_bytes(),
        4 => format!("{}", random.next() as f64 / 1e15).into_bytes(),
        _ => random.within(-5, 10).to_string().into_bytes(),
    }
}

fn value(random: &mut Random) -> Vec<u8> {
    match random.below(10) {
        0 => random.pick(&VALUES).as_bytes().to_vec(),
        1 => vec![b'a' + random.below(3) as u8; random.below(100)],
        2 => random.next().to_le_bytes().repeat(1 + random.below(12)),
        3..=5 => random.within(-3, 300).to_string().into_bytes(),
        6 => format!("{}.{}", random.within(-20, 20), random.below(1000)).into_bytes(),
        _ => member(random),
    }
}

fn member(random: &mut Random) -> Vec<u8> {
    match random.below(14) {
        0 => random.pick(&VALUES).as_bytes().to_vec(),
        1 => format!("m{}", random.below(200)).into_bytes(),
        2 => vec![b'x'; 60 + random.below(10)],
        3 | 4 => random.within(-2, 40).to_string().into_bytes(),
        _ => format!("m{}", random.below(8)).into_bytes(),
    }
}

fn stream_id(random: &mut Random) -> Vec<u8> {
    match random.below(12) {
        0 => b"0".to_vec(),
        1 => b"0-0".to_vec(),
        2 => {
            random.pick(&["$", "-", "+", "abc", "1-", "18446744073709551615-18446744073709551615"]).as_bytes().to_vec()
        }
        3 => format!("{}-*", random.below(30)).into_bytes(),
        4..=6 => format!("{}", 1 + random.below(30)).into_bytes(),
        _ => format!("{}-{}", random.below(30), 1 + random.below(4)).into_bytes(),
    }
}

fn limit_of_range(random: &mut Random) -> Vec<u8> {
    match random.below(6) {
        0 => b"-inf".to_vec(),
        1 => b"+inf".to_vec(),
        2 => [b"(".to_vec(), float(random)].concat(),
        _ => float(random),
    }
}

fn limit_of_lex(random: &mut Random) -> Vec<u8> {
    match random.below(8) {
        0 | 1 => b"-".to_vec(),
        2 | 3 => b"+".to_vec(),
        4 | 5 => [b"[".to_vec(), member(random)].concat(),
        6 => [b"(".to_vec(), member(random)].concat(),
        _ => member(random),
    }
}

/// Seconds since 1970 that are far in the future, now and then in the past.
fn instant(random: &mut Random, scale: i64) -> Vec<u8> {
    match random.below(12) {
        0 => integer(random, -1, 1),
        1 => random.pick(&NUMBERS).as_bytes().to_vec(),
        _ => (random.within(4_000_000_000, 4_000_000_100) * scale).to_string().into_bytes(),
    }
}

fn duration(random: &mut Random, scale: i64) -> Vec<u8> {
    match random.below(12) {
        0 => integer(random, -1, 0),
        1 => random.pick(&NUMBERS).as_bytes().to_vec(),
        _ => (random.within(100, 200) * scale).to_string().into_bytes(),
    }
}

/// A word of a class.
fn class(random: &mut Random, name: &str) -> Vec<u8> {
    match name {
        "k" => {
            let kind = random.below(TYPES.len());
            key(random, &TYPES[kind..][..1])
        }
        "s" | "l" | "S" | "z" | "h" | "x" | "p" | "g" | "y" | "V" => key(random, name),
        "v" => value(random),
        "m" => member(random),
        "i" => integer(random, -6, 8),
        "n" => integer(random, -100, 300),
        "num" => integer(random, -1, 5),
        "neg" => integer(random, -5, -1),
        "off" => integer(random, 0, 130),
        // An offset times a width that overflows is undefined there.
        "boff" => format!("#{}", random.below(11)).into_bytes(),
        "bt" => format!("{}{}", random.pick(&["u", "i", "i"]), random.within(0, 65)).into_bytes(),
        "f" => float(random),
        "w" => float(random),
        "sc" => limit_of_range(random),
        "lex" => limit_of_lex(random),
        "ttl" => duration(random, 1),
        "pttl" => duration(random, 1000),
        "at" => instant(random, 1),
        "atms" => instant(random, 1000),
        "db" => random.pick(&["0", "0", "0", "1", "1", "9", "99", "x"]).as_bytes().to_vec(),
        "pat" => pattern(random),
        "type" => {
            random.pick(&["string", "list", "set", "zset", "hash", "stream", "STRING", "nosuch"]).as_bytes().to_vec()
        }
        "hex" => random.pick(&["0000000000000000", "5ca1ab1e", "XYZ"]).as_bytes().to_vec(),
        "id" => stream_id(random),
        "xr" => {
            if random.once_in(3) {
                random.pick(&["-", "+", "(1-1", "(5"]).as_bytes().to_vec()
            } else {
                stream_id(random)
            }
        }
        "grp" => random.pick(&["g1", "g1", "g2"]).as_bytes().to_vec(),
        "con" => random.pick(&["c1", "c2", "c3"]).as_bytes().to_vec(),
        "lon" => format!("{}.{}", random.within(-190, 190), random.below(10_000)).into_bytes(),
        "lat" => format!("{}.{}", random.within(-88, 88), random.below(10_000)).into_bytes(),
        "rad" => random.within(0, 9000).to_string().into_bytes(),
        other => unreachable!("no class ${other} in the grammar"),
    }
}

fn pattern(random: &mut Random) -> Vec<u8> {
    random
        .pick(&["*", "*", "*1", "[sl]*", "m?", "[^m]*", "m[0-5]", "\\*", "", "**", "[", "h[a-", "?[12]"])
        .as_bytes()
        .to_vec()
}
