//! Dockerfile text to instructions and stages, as BuildKit reads them: directives, comments, continuation lines,
//! here-documents, flags, JSON and shell forms, and the texts of its errors and warnings. Pure.
//!
//! Source of the facts: the Dockerfile reference, and what Docker 28.5.2 answers to bad files.

mod error;
mod expand;
mod flags;
mod ignore;
mod instruction;
mod lint;
mod node;
mod parser;
mod suggest;
#[cfg(test)]
mod tests;
mod words;

pub use error::ParseError;
pub use expand::Expander;
pub use ignore::Ignore;
pub use instruction::{Command, Copy, Health, Instruction, Kind, Mount};
pub use lint::Warning;
pub use node::{Heredoc, Lines};
pub use parser::Directives;

/// A stage of a build.
#[derive(Clone, Debug)]
pub struct Stage {
    /// The image or stage that it stands on, unexpanded.
    pub base: String,
    /// `AS name`, in small letters.
    pub name: Option<String>,
    /// `--platform`, unexpanded.
    pub platform: String,
    /// `FROM …` as written.
    pub original: String,
    /// Where its `FROM` stands.
    pub lines: Lines,
    /// What follows.
    pub instructions: Vec<Instruction>,
}

/// A whole Dockerfile.
#[derive(Clone, Debug)]
pub struct Dockerfile {
    /// The comments at the top that mean something.
    pub directives: Directives,
    /// `ARG`s before the first `FROM`.
    pub arguments: Vec<Instruction>,
    /// The stages, in order.
    pub stages: Vec<Stage>,
    /// Empty continuation lines and the like, found while reading.
    pub warnings: Vec<Warning>,
}

/// Reads a Dockerfile.
pub fn parse(text: &str) -> Result<Dockerfile, ParseError> {
    if text.trim().is_empty() {
        return Err(ParseError::plain("the Dockerfile cannot be empty"));
    }
    let parsed = parser::parse(text)?;
    let mut arguments = Vec::new();
    let mut stages: Vec<Stage> = Vec::new();
    for node in &parsed.nodes {
        let instruction = instruction::typed(node)?;
        match (&instruction.kind, stages.last_mut()) {
            (Kind::From { base, name, platform }, _) => stages.push(Stage {
                base: base.clone(),
                name: name.clone(),
                platform: platform.clone(),
                original: instruction.original.clone(),
                lines: instruction.lines,
                instructions: Vec::new(),
            }),
            (Kind::Arg(_), None) => arguments.push(instruction),
            (_, None) => return Err(ParseError::at(instruction.lines, "no build stage in current context")),
            (_, Some(stage)) => stage.instructions.push(instruction),
        }
    }
    if stages.is_empty() {
        let last = arguments.last().map_or((1, 1), |a| a.lines);
        return Err(ParseError::at(last, "no build stage in current context"));
    }
    let mut file = Dockerfile { directives: parsed.directives, arguments, stages, warnings: Vec::new() };
    file.warnings = lint::check(&file, &parsed.nodes, &parsed.empty_continuations);
    Ok(file)
}

/// Reads single instructions, as `docker commit --change` and `ONBUILD` triggers give them.
pub fn parse_instructions(text: &str) -> Result<Vec<Instruction>, ParseError> {
    parser::parse(text)?.nodes.iter().map(instruction::typed).collect()
}
