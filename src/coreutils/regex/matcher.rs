//! Running a compiled expression over a text.

use std::rc::Rc;

use super::compile::{Instruction, fold};
use super::parse::is_word;
use super::{Captures, Regex};

/// Steps of a search with back-references; then it counts as no match.
const STEPS: usize = 2_000_000;

type Slots = Rc<Vec<Option<usize>>>;

/// Positions around one place in the text.
struct Place<'a> {
    text: &'a str,
    at: usize,
}

impl Place<'_> {
    fn before(&self) -> Option<char> {
        self.text[..self.at].chars().next_back()
    }

    fn here(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    /// Whether an assertion holds here; `None` for other instructions.
    fn holds(&self, instruction: &Instruction) -> Option<bool> {
        let (before, after) = (self.before().is_some_and(is_word), self.here().is_some_and(is_word));
        Some(match instruction {
            Instruction::LineStart => self.at == 0,
            Instruction::LineEnd => self.at == self.text.len(),
            Instruction::WordStart => !before && after,
            Instruction::WordEnd => before && !after,
            Instruction::WordBoundary => before != after,
            Instruction::NotWordBoundary => before == after,
            _ => return None,
        })
    }
}

/// Whether an instruction takes this character.
fn takes(regex: &Regex, instruction: &Instruction, c: char) -> bool {
    match instruction {
        Instruction::Char(wanted) => *wanted == c || (regex.ignore_case && *wanted == fold(c)),
        Instruction::Any => true,
        Instruction::Set(set) => {
            set.contains(c)
                || (regex.ignore_case && (set.contains(fold(c)) || c.to_uppercase().any(|c| set.contains(c))))
        }
        _ => false,
    }
}

fn captures(regex: &Regex, slots: &[Option<usize>]) -> Captures {
    (0..=regex.groups)
        .map(|group| {
            let slot = |at: usize| slots.get(at).copied().flatten();
            Some((slot(2 * group)?, slot(2 * group + 1)?))
        })
        .collect()
}

struct Threads {
    list: Vec<(usize, Slots)>,
    seen: Vec<bool>,
}

impl Threads {
    fn new(size: usize) -> Threads {
        Threads { list: Vec::new(), seen: vec![false; size] }
    }

    fn clear(&mut self) {
        self.list.clear();
        self.seen.fill(false);
    }

    /// Adds what can be reached from `pc` without taking a character.
    fn add(&mut self, program: &[Instruction], pc: usize, place: &Place, slots: Slots) {
        let mut stack = vec![(pc, slots)];
        while let Some((pc, slots)) = stack.pop() {
            if std::mem::replace(&mut self.seen[pc], true) {
                continue;
            }
            match &program[pc] {
                Instruction::Jump(to) => stack.push((*to, slots)),
                Instruction::Split(first, second) => {
                    stack.push((*second, slots.clone()));
                    stack.push((*first, slots));
                }
                Instruction::Save(slot) => {
                    let mut slots = slots;
                    Rc::make_mut(&mut slots)[*slot] = Some(place.at);
                    stack.push((pc + 1, slots));
                }
                assertion => match place.holds(assertion) {
                    Some(true) => stack.push((pc + 1, slots)),
                    Some(false) => {}
                    None => self.list.push((pc, slots)),
                },
            }
        }
    }
}

/// All ways at once, character by character; the longest of the leftmost matches.
pub(super) fn simulate(regex: &Regex, text: &str, start: usize) -> Option<Captures> {
    let program = &regex.program;
    let (mut now, mut next) = (Threads::new(program.len()), Threads::new(program.len()));
    let mut best: Option<Slots> = None;
    let empty: Slots = Rc::new(vec![None; 2 * (regex.groups + 1)]);
    let mut place = Place { text, at: start };
    loop {
        if best.is_none() {
            now.add(program, 0, &place, empty.clone());
        }
        let c = place.here();
        let after = Place { text, at: place.at + c.map_or(0, char::len_utf8) };
        next.clear();
        for (pc, slots) in now.list.drain(..) {
            if best.as_ref().is_some_and(|best| slots[0] > best[0]) {
                continue;
            }
            match (&program[pc], c) {
                (Instruction::Match, _) => {
                    let better = best.as_ref().is_none_or(|best| slots[0] < best[0] || slots[1] > best[1]);
                    best = if better { Some(slots) } else { best };
                }
                (instruction, Some(c)) if takes(regex, instruction, c) => next.add(program, pc + 1, &after, slots),
                _ => {}
            }
        }
        std::mem::swap(&mut now, &mut next);
        if c.is_none() || (now.list.is_empty() && best.is_some()) {
            return best.map(|slots| captures(regex, &slots));
        }
        place = after;
    }
}

/// One way after the other, from each position on.
pub(super) fn backtrack(regex: &Regex, text: &str, start: usize) -> Option<Captures> {
    let mut steps = STEPS;
    let positions = text[start..].char_indices().map(|(at, _)| start + at).chain([text.len()]);
    for from in positions {
        let empty: Slots = Rc::new(vec![None; 2 * (regex.groups + 1)]);
        if let Some(slots) = search(regex, text, (0, from, empty), None, &mut steps) {
            return Some(captures(regex, &slots));
        }
        if steps == 0 {
            return None;
        }
    }
    None
}

/// Whether what a look-around asks for is there; the groups that it set.
fn look(
    regex: &Regex,
    text: &str,
    (pc, at, slots): (usize, usize, &Slots),
    ahead: bool,
    steps: &mut usize,
) -> Option<Slots> {
    if ahead {
        return search(regex, text, (pc + 1, at, slots.clone()), None, steps);
    }
    let starts = text[..at].char_indices().map(|(start, _)| start).chain([at]);
    starts.rev().find_map(|start| search(regex, text, (pc + 1, start, slots.clone()), Some(at), steps))
}

/// One way after the other from one place on; `end` is where the match must end, if that is known.
fn search(
    regex: &Regex,
    text: &str,
    start: (usize, usize, Slots),
    end: Option<usize>,
    steps: &mut usize,
) -> Option<Slots> {
    let mut stack = vec![start];
    let mut best: Option<Slots> = None;
    while let Some((pc, at, slots)) = stack.pop() {
        *steps = steps.saturating_sub(1);
        if *steps == 0 {
            return best;
        }
        let place = Place { text, at };
        match &regex.program[pc] {
            Instruction::Match if end.is_some_and(|end| end != at) => {}
            Instruction::Match if regex.perl => return Some(slots),
            Instruction::Look { ahead, negated, end } => {
                match (look(regex, text, (pc, at, &slots), *ahead, steps), *negated) {
                    (Some(found), false) => stack.push((*end, at, found)),
                    (None, true) => stack.push((*end, at, slots)),
                    _ => {}
                }
            }
            Instruction::Match => {
                if best.as_ref().is_none_or(|best| slots[1] > best[1]) {
                    best = Some(slots);
                }
            }
            Instruction::Jump(to) => stack.push((*to, at, slots)),
            Instruction::Split(first, second) => {
                stack.push((*second, at, slots.clone()));
                stack.push((*first, at, slots));
            }
            Instruction::Save(slot) => {
                let mut slots = slots;
                Rc::make_mut(&mut slots)[*slot] = Some(at);
                stack.push((pc + 1, at, slots));
            }
            Instruction::BackReference(group) => {
                let wanted = slots[2 * group].zip(slots[2 * group + 1]).and_then(|(from, to)| text.get(from..to));
                if let Some(wanted) = wanted
                    && text[at..].starts_with(wanted)
                {
                    stack.push((pc + 1, at + wanted.len(), slots));
                }
            }
            instruction => match (place.holds(instruction), place.here()) {
                (Some(true), _) => stack.push((pc + 1, at, slots)),
                (None, Some(c)) if takes(regex, instruction, c) => stack.push((pc + 1, at + c.len_utf8(), slots)),
                _ => {}
            },
        }
    }
    best
}
