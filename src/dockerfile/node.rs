//! What the lines of a Dockerfile come to, before an instruction is given a type.

/// First and last line, from 1.
pub type Lines = (u32, u32);

/// A here-document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heredoc {
    /// The word that ends it.
    pub name: String,
    /// The lines between.
    pub content: String,
    /// Variables in it are expanded: the word was not quoted.
    pub expand: bool,
    /// `<<-`: leading tabs go.
    pub chomp: bool,
}

/// One instruction before it is given a type.
#[derive(Clone, Debug)]
pub struct Node {
    /// The keyword as written.
    pub keyword: String,
    /// Everything as written, continuation lines joined.
    pub original: String,
    /// What follows the keyword and the flags.
    pub rest: String,
    /// `--name=value`.
    pub flags: Vec<String>,
    /// Its lines.
    pub lines: Lines,
    /// Its here-documents.
    pub heredocs: Vec<Heredoc>,
    /// The escape character of the file.
    pub escape: char,
}
