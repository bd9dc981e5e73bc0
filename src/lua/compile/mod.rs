//! Source text to [`Proto`]: one pass, as Lua 5.1 does it, since messages name variables by what
//! the registers hold.

mod emit;
mod expr;
mod function;
mod lexer;
mod stat;

pub use expr::FIELDS_PER_FLUSH;
pub use lexer::{SyntaxError, chunk_name};

use crate::heap::Heap;
use crate::op::Proto;
use function::Function;
use lexer::{Lexer, Token};
use std::rc::Rc;

/// Nested constructs at most.
const MAX_LEVELS: u32 = 200;

/// Reads a chunk.
pub struct Parser<'a> {
    lexer: Lexer<'a>,
    heap: &'a mut Heap,
    /// The functions being compiled, the innermost last.
    functions: Vec<Function>,
    levels: u32,
    source: Rc<[u8]>,
}

type Result<T> = std::result::Result<T, SyntaxError>;

/// Compiles a chunk. `source` names it: `@file`, `=name`, or the text itself.
pub fn compile(heap: &mut Heap, text: &[u8], source: &[u8]) -> Result<Proto> {
    let mut parser =
        Parser { lexer: Lexer::new(text, source), heap, functions: Vec::new(), levels: 0, source: source.into() };
    parser.open_function(0);
    parser.function().proto.vararg = true;
    parser.lexer.next()?;
    parser.chunk()?;
    if parser.lexer.token != Token::End {
        return Err(parser.expected("<eof>"));
    }
    Ok(parser.close_function())
}

impl Parser<'_> {
    fn is(&self, symbol: &str) -> bool {
        matches!(self.lexer.token, Token::Sym(s) if s == symbol)
    }

    fn accept(&mut self, symbol: &str) -> Result<bool> {
        let found = self.is(symbol);
        if found {
            self.lexer.next()?;
        }
        Ok(found)
    }

    fn expected(&self, what: &str) -> SyntaxError {
        self.lexer.error(&format!("'{what}' expected"))
    }

    fn expect(&mut self, symbol: &str) -> Result<()> {
        if self.accept(symbol)? { Ok(()) } else { Err(self.expected(symbol)) }
    }

    /// The symbol that closes what another opened at a line.
    fn expect_match(&mut self, what: &str, opener: &str, line: u32) -> Result<()> {
        if self.accept(what)? {
            return Ok(());
        }
        if line == self.lexer.line {
            return Err(self.expected(what));
        }
        Err(self.lexer.error(&format!("'{what}' expected (to close '{opener}' at line {line})")))
    }

    fn name(&mut self) -> Result<Vec<u8>> {
        match std::mem::replace(&mut self.lexer.token, Token::End) {
            Token::Name(name) => {
                self.lexer.next()?;
                Ok(name)
            }
            other => {
                self.lexer.token = other;
                Err(self.expected_name())
            }
        }
    }

    fn expected_name(&self) -> SyntaxError {
        self.lexer.error("'<name>' expected")
    }

    fn enter(&mut self) -> Result<()> {
        self.levels += 1;
        if self.levels > MAX_LEVELS {
            return Err(self.lexer.error_plain("chunk has too many syntax levels"));
        }
        Ok(())
    }

    fn leave(&mut self) {
        self.levels -= 1;
    }
}
