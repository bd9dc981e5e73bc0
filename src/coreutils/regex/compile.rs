//! From the tree to a program for [`super::matcher`].

use super::parse::{Node, Set};

/// Longest program.
const LONGEST: usize = 60_000;
const TOO_BIG: &str = "Regular expression too big";

/// One step of matching.
#[derive(Debug, Clone)]
pub(super) enum Instruction {
    Char(char),
    Any,
    Set(Set),
    /// Goes on at both, the first preferred.
    Split(usize, usize),
    Jump(usize),
    /// Notes the position.
    Save(usize),
    LineStart,
    LineEnd,
    WordStart,
    WordEnd,
    WordBoundary,
    NotWordBoundary,
    BackReference(usize),
    /// What follows up to the `Match` before that place matches ahead of here (or else behind), or must not.
    Look {
        ahead: bool,
        negated: bool,
        end: usize,
    },
    Match,
}

struct Compiler {
    program: Vec<Instruction>,
    backtracks: bool,
}

/// The program, and whether it has back-references.
pub(super) fn compile(node: &Node, ignore_case: bool) -> Result<(Vec<Instruction>, bool), &'static str> {
    let mut compiler = Compiler { program: vec![Instruction::Save(0)], backtracks: false };
    compiler.node(node)?;
    compiler.program.extend([Instruction::Save(1), Instruction::Match]);
    if ignore_case {
        for instruction in &mut compiler.program {
            if let Instruction::Char(c) = instruction {
                *c = fold(*c);
            }
        }
    }
    Ok((compiler.program, compiler.backtracks))
}

/// A letter without its case.
pub(super) fn fold(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(lower), None) => lower,
        _ => c,
    }
}

impl Compiler {
    fn push(&mut self, instruction: Instruction) -> Result<usize, &'static str> {
        if self.program.len() >= LONGEST {
            return Err(TOO_BIG);
        }
        self.program.push(instruction);
        Ok(self.program.len() - 1)
    }

    fn node(&mut self, node: &Node) -> Result<(), &'static str> {
        let instruction = match node {
            Node::Empty => return Ok(()),
            Node::Char(c) => Instruction::Char(*c),
            Node::Any => Instruction::Any,
            Node::Set(set) => Instruction::Set(set.clone()),
            Node::LineStart => Instruction::LineStart,
            Node::LineEnd => Instruction::LineEnd,
            Node::WordStart => Instruction::WordStart,
            Node::WordEnd => Instruction::WordEnd,
            Node::WordBoundary => Instruction::WordBoundary,
            Node::NotWordBoundary => Instruction::NotWordBoundary,
            Node::BackReference(number) => {
                self.backtracks = true;
                Instruction::BackReference(*number)
            }
            Node::Group(number, inner) => {
                self.push(Instruction::Save(2 * number))?;
                self.node(inner)?;
                Instruction::Save(2 * number + 1)
            }
            Node::Sequence(nodes) => return nodes.iter().try_for_each(|node| self.node(node)),
            Node::Either(branches) => return self.either(branches),
            Node::Repeat(inner, from, to) => return self.repeat(inner, *from, *to, false),
            Node::Lazy(inner, from, to) => return self.repeat(inner, *from, *to, true),
            Node::Keep => Instruction::Save(0),
            Node::Look { ahead, negated, inner } => {
                let look = self.push(Instruction::Match)?;
                self.node(inner)?;
                let end = self.push(Instruction::Match)? + 1;
                self.program[look] = Instruction::Look { ahead: *ahead, negated: *negated, end };
                return Ok(());
            }
        };
        self.push(instruction).map(|_| ())
    }

    fn either(&mut self, branches: &[Node]) -> Result<(), &'static str> {
        let mut ends = Vec::new();
        for (at, branch) in branches.iter().enumerate() {
            if at + 1 == branches.len() {
                self.node(branch)?;
                break;
            }
            let split = self.push(Instruction::Split(0, 0))?;
            self.node(branch)?;
            ends.push(self.push(Instruction::Jump(0))?);
            self.program[split] = Instruction::Split(split + 1, self.program.len());
        }
        let end = self.program.len();
        for jump in ends {
            self.program[jump] = Instruction::Jump(end);
        }
        Ok(())
    }

    fn repeat(&mut self, inner: &Node, from: u32, to: Option<u32>, lazy: bool) -> Result<(), &'static str> {
        // Which of the two ways is tried first.
        let either =
            |on: usize, out: usize| if lazy { Instruction::Split(out, on) } else { Instruction::Split(on, out) };
        for _ in 0..from {
            self.node(inner)?;
        }
        match to {
            None => {
                let split = self.push(Instruction::Split(0, 0))?;
                self.node(inner)?;
                self.push(Instruction::Jump(split))?;
                self.program[split] = either(split + 1, self.program.len());
            }
            Some(to) => {
                let mut splits = Vec::new();
                for _ in from..to {
                    splits.push(self.push(Instruction::Split(0, 0))?);
                    self.node(inner)?;
                }
                let end = self.program.len();
                for split in splits {
                    self.program[split] = either(split + 1, end);
                }
            }
        }
        Ok(())
    }
}
