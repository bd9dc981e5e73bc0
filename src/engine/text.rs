//! Small text rules: patterns, random names, signals.

use machine::Signal;

use crate::error::{ApiError, ApiResult};

/// Whether `text` fits a shell pattern with `*`, `?` and `[…]`; `*` stops at no character.
pub fn glob(pattern: &str, text: &str) -> bool {
    let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut i, mut j, mut star) = (0, 0, None);
    while j < t.len() {
        match p.get(i) {
            Some('*') => {
                star = Some((i, j));
                i += 1;
            }
            Some('?') => (i, j) = (i + 1, j + 1),
            Some(c) if *c == t[j] => (i, j) = (i + 1, j + 1),
            _ => match star {
                Some((si, sj)) => {
                    star = Some((si, sj + 1));
                    (i, j) = (si + 1, sj + 1);
                }
                None => return false,
            },
        }
    }
    p[i.min(p.len())..].iter().all(|c| *c == '*')
}

const ADJECTIVES: &str = "admiring adoring agitated amazing angry awesome beautiful blissful bold boring brave busy charming clever \
cool crazy dazzling determined distracted dreamy eager ecstatic elastic elated elegant eloquent epic exciting fervent festive flamboyant \
focused friendly frosty funny gallant gifted goofy gracious great happy hardcore heuristic hopeful hungry infallible inspiring \
intelligent interesting jolly jovial keen kind laughing loving lucid magical modest musing mystifying naughty nervous nice nifty \
nostalgic objective optimistic peaceful pedantic pensive practical priceless quirky quizzical recursing relaxed reverent romantic sad \
serene sharp silly sleepy stoic strange stupefied suspicious sweet tender thirsty trusting unruffled upbeat vibrant vigilant vigorous \
wizardly wonderful xenodochial youthful zealous zen";

const SURNAMES: &str = "agnesi allen archimedes babbage banach bardeen bartik bell bohr booth borg bose boyd brahmagupta brown carson \
cerf chandrasekhar chatelet chebyshev cohen colden cori cray curie curran darwin davinci dijkstra driscoll edison einstein elion \
ellis engelbart euclid euler fermat fermi feynman franklin galileo galois gates gauss germain goldberg goldstine goodall hamilton \
haslett hawking heisenberg hermann hertz hodgkin hoover hopper hugle hypatia jackson jang jemison jennings johnson joliot kalam kapitsa \
keldysh keller kepler khorana kilby kirch knuth kowalevski lalande lamarr lamport leakey leavitt lehmann lewin lovelace lumiere \
margulis matsumoto maxwell mayer mccarthy mcclintock mclean meitner mendel mendeleev mirzakhani moore morse murdock nash newton \
nightingale nobel noether noyce panini pare pascal pasteur payne perlman pike poincare poitras ptolemy raman ramanujan rhodes ride \
ritchie robinson roentgen rosalind rubin saha sammet shannon shaw shockley sinoussi snyder spence stonebraker swanson swartz swirles \
tesla thompson torvalds turing varahamihira villani visvesvaraya volhard wescoff wilbur wiles williams wilson wing wozniak wright \
yalow yonath";

/// A name such as `brave_hopper`, from two random numbers.
pub fn random_name(random: u64) -> String {
    let pick = |list: &str, n: u64| {
        let words: Vec<&str> = list.split_whitespace().collect();
        words.get((n % words.len() as u64) as usize).copied().unwrap_or_default().to_string()
    };
    let (a, b) = (random >> 32, random & 0xffff_ffff);
    let name = format!("{}_{}", pick(ADJECTIVES, a), pick(SURNAMES, b));
    // Docker's generator has this one exception.
    if name == "boring_wozniak" { random_name(random.wrapping_add(1)) } else { name }
}

/// A signal by name or number; the error is the daemon's.
pub fn parse_signal(text: &str) -> ApiResult<Signal> {
    let found = match text.parse::<i32>() {
        Ok(number) => Signal::from_number(number),
        Err(_) => Signal::parse(text),
    };
    found.ok_or_else(|| ApiError::bad(format!("invalid signal: {text}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match() {
        assert!(glob("red*", "redis") && glob("r?dis", "redis") && glob("*", ""));
        assert!(!glob("red", "redis") && !glob("x*", "redis"));
    }

    #[test]
    fn names_are_two_words() {
        assert!((0..1000u64).all(|n| random_name(n.wrapping_mul(0x9E37_79B9_7F4A_7C15)).split('_').count() == 2));
        assert_ne!(random_name(0), "boring_wozniak");
    }
}
