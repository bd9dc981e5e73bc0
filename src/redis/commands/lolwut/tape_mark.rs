//! Redis 8's piece: Nanni Balestrini's `TAPE MARK I`, a poem put together from verses of three books.

use crate::server::Cx;

struct Verse {
    book: u8,
    /// The metre it begins with, a fraction, and the one that it ends with.
    begins: (u8, u8),
    ends: (u8, u8),
    english: &'static str,
    italian: &'static str,
}

const fn verse(book: u8, begins: (u8, u8), ends: (u8, u8), english: &'static str, italian: &'static str) -> Verse {
    Verse { book, begins, ends, english, italian }
}

/// The verses as the command prints them: of a diary of Hiroshima, a mystery novel and the Tao Te Ching.
#[rustfmt::skip]
static VERSES: [Verse; 15] = [
    verse(1, (1, 4), (2, 3), " The blinding / globe / of fire ", " l accecante   /  globo  /  di fuoco  "),
    verse(1, (1, 2), (3, 4), " It expands / rapidly ", " si espande   /  rapidamente  "),
    verse(1, (2, 3), (2, 4), " Thirty times / brighter / than the sun ", " trenta volte  / piu luminoso  / del sole "),
    verse(1, (3, 4), (1, 2), " When it reaches / the stratosphere ", " quando  raggiunge / la stratosfera  "),
    verse(1, (1, 3), (2, 3), " The summit / of the cloud ", " la  sommita  /  della nuvola "),
    verse(1, (2, 4), (3, 4), " Assumes / the well-known shape / of a mushroom ", " assume   / la ben nota forma  / di fungo "),
    verse(2, (1, 4), (2, 4), " The head / pressed / upon the shoulder ", " la testa / premuta  / sulla spalla  "),
    verse(2, (1, 4), (2, 4), " The hair / between the lips ", " i  capelli   /  tra le labbra "),
    verse(2, (2, 3), (2, 3), " They lay / motionless / without speaking ", " giacquero  /   immobili / senza parlare "),
    verse(2, (3, 4), (1, 3), " Till he moved / his fingers / slowly ", " finche non mosse  /  le dita  / lentamente    "),
    verse(2, (3, 4), (1, 2), " Trying / to grasp ", " cercando / di afferrare  "),
    verse(3, (1, 2), (1, 2), " While the multitude / of things / comes into being ", " mentre la moltitudine  /  delle cose  /   accade   "),
    verse(3, (2, 3), (3, 4), " I envisage / their return ", " io contemplo  /  il loro ritorno    "),
    verse(3, (1, 2), (2, 3), " Although / things / flourish ", " malgrado / che le cose  /  fioriscano    "),
    verse(3, (2, 3), (1, 4), " They all return / to / their roots ", " esse tornano  / tutte    / alla loro radice   "),
];

/// Most verses of a poem.
const LONGEST: usize = 10;

/// A new poem, in Italian where argument `first` is `IT`.
pub fn compose(cx: &mut Cx<'_>, first: usize) -> String {
    let italian = first < cx.argc() && cx.is(first, "it");
    let mut left: Vec<&Verse> = VERSES.iter().collect();
    for n in (1..left.len()).rev() {
        left.swap(n, cx.s.random_below(n + 1));
    }
    let mut poem: Vec<&Verse> = Vec::new();
    while poem.len() < LONGEST {
        let Some(next) = left.iter().position(|verse| poem.last().is_none_or(|last| follows(verse, last))) else {
            break;
        };
        poem.push(left.remove(next));
    }
    let mut text = String::new();
    for verse in poem {
        text.push_str(&if italian { verse.italian } else { verse.english }.to_ascii_uppercase().replace('/', " "));
        text.push('\n');
    }
    text.push_str(ABOUT);
    text
}

/// Whether a verse goes behind another: of another book, and the metres fit.
fn follows(verse: &Verse, last: &Verse) -> bool {
    let fits = verse.begins.0 == last.ends.0 || verse.begins.1 == last.ends.0 || verse.begins.1 == last.ends.1;
    fits && verse.book != last.book
}

const ABOUT: &str = "
In 1961, Nanni Balestrini created one of the first computer-generated poems, TAPE MARK I, using an IBM 7090 mainframe. Each execution combined verses from three literary sources following algorithmic rules based on metrical compatibility and group constraints. This LOLWUT command reproduces Balestrini's original algorithm, generating new stanzas through the same computational poetry process described in Almanacco Letterario Bompiani, 1962.

https://en.wikipedia.org/wiki/Digital_poetry
https://www.youtube.com/watch?v=8i7uFCK7G0o (English subs)

Use: LOLWUT IT for the original Italian output. ";
