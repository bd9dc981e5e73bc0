//! Statements to code.

use super::code::{Op, Redirect, Target};
use super::compile::{Compiler, Context, DEEPEST, Loop};
use super::error::{Fault, Wrong};
use super::lexer::Token;

type Parsed<T = ()> = Result<T, Wrong>;

impl Compiler {
    pub(super) fn block(&mut self) -> Parsed {
        self.expect("{")?;
        loop {
            self.skip_ends();
            if self.take("}") {
                return Ok(());
            }
            if *self.peek() == Token::End {
                return Err(self.wrong(Fault::Unclosed('}')));
            }
            self.statement()?;
        }
    }

    fn statement(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.wrong(Fault::TooDeep));
        }
        let done = match self.peek() {
            Token::Sign("{") => self.block(),
            Token::Sign(";") => {
                self.advance();
                Ok(())
            }
            Token::Word("if") => self.if_statement(),
            Token::Word("while") => self.while_statement(),
            Token::Word("do") => self.do_statement(),
            Token::Word("for") => self.for_statement(),
            _ => self.simple_statement().and_then(|()| self.end_of_statement()),
        };
        self.depth -= 1;
        done
    }

    fn end_of_statement(&mut self) -> Parsed {
        match self.peek() {
            Token::Sign("}") => Ok(()),
            Token::Newline | Token::Sign(";") => {
                self.advance();
                Ok(())
            }
            _ => Err(self.unexpected()),
        }
    }

    /// A body: one statement, behind ends of lines.
    fn body(&mut self) -> Parsed {
        self.skip_lines();
        self.statement()
    }

    fn condition(&mut self) -> Parsed {
        self.expect("(")?;
        self.expression()?;
        self.expect(")")
    }

    fn if_statement(&mut self) -> Parsed {
        self.advance();
        self.condition()?;
        let otherwise = self.emit(Op::JumpUnless(0));
        self.body()?;
        let before = self.at;
        self.skip_ends();
        if !self.take_word("else") {
            self.at = before;
            self.land(otherwise);
            return Ok(());
        }
        let end = self.emit(Op::Jump(0));
        self.land(otherwise);
        self.body()?;
        self.land(end);
        Ok(())
    }

    /// Compiles a loop's body and sends its `continue`s to what follows.
    fn loop_body(&mut self) -> Parsed<Loop> {
        self.loops.push(Loop::default());
        let done = self.body();
        let mut finished = self.loops.pop().unwrap_or_default();
        for jump in std::mem::take(&mut finished.continues) {
            self.land(jump);
        }
        done.map(|()| finished)
    }

    fn land_breaks(&mut self, finished: Loop) {
        for jump in finished.breaks {
            self.land(jump);
        }
    }

    fn while_statement(&mut self) -> Parsed {
        self.advance();
        let start = self.here();
        self.condition()?;
        let end = self.emit(Op::JumpUnless(0));
        let finished = if self.take(";") { Loop::default() } else { self.loop_body()? };
        self.emit(Op::Jump(start));
        self.land(end);
        self.land_breaks(finished);
        Ok(())
    }

    fn do_statement(&mut self) -> Parsed {
        self.advance();
        let start = self.here();
        let finished = self.loop_body()?;
        self.skip_ends();
        if !self.take_word("while") {
            return Err(self.unexpected());
        }
        self.condition()?;
        self.emit(Op::JumpIf(start));
        self.land_breaks(finished);
        self.end_of_statement()
    }

    fn for_statement(&mut self) -> Parsed {
        self.advance();
        self.expect("(")?;
        let in_array = matches!(
            (self.peek(), self.ahead(1), self.ahead(2), self.ahead(3)),
            (Token::Name(..), Token::Word("in"), Token::Name(..), Token::Sign(")"))
        );
        if in_array {
            return self.for_in();
        }
        if !self.take(";") {
            self.simple_statement()?;
            self.expect(";")?;
        }
        self.skip_lines();
        let start = self.here();
        let mut end = None;
        if !self.take(";") {
            self.expression()?;
            end = Some(self.emit(Op::JumpUnless(0)));
            self.expect(";")?;
        }
        self.skip_lines();
        let to_body = self.emit(Op::Jump(0));
        let step = self.here();
        if !self.take(")") {
            self.simple_statement()?;
            self.expect(")")?;
        }
        self.emit(Op::Jump(start));
        self.land(to_body);
        let finished = if self.take(";") { Loop::default() } else { self.loop_body()? };
        self.emit(Op::Jump(step));
        if let Some(end) = end {
            self.land(end);
        }
        self.land_breaks(finished);
        Ok(())
    }

    fn for_in(&mut self) -> Parsed {
        let (Token::Name(name, _), _, Token::Name(array, _), _) =
            (self.advance(), self.advance(), self.advance(), self.advance())
        else {
            return Err(self.unexpected());
        };
        let (variable, array) = (self.place(&name), self.place(&array));
        self.emit(Op::ForIn(array));
        let start = self.emit(Op::ForNext(0));
        self.emit(Op::Set(Target::Variable(variable)));
        self.emit(Op::Pop);
        let finished = self.loop_body()?;
        self.emit(Op::Jump(start));
        self.land(start);
        self.land_breaks(finished);
        self.emit(Op::ForEnd);
        Ok(())
    }

    fn simple_statement(&mut self) -> Parsed {
        match self.peek().clone() {
            Token::Word("print") => self.print(false),
            Token::Word("printf") => self.print(true),
            Token::Word("delete") => self.delete(),
            Token::Word(word @ ("break" | "continue")) => {
                self.advance();
                let jump = self.emit(Op::Jump(0));
                match self.loops.last_mut() {
                    Some(innermost) if word == "break" => innermost.breaks.push(jump),
                    Some(innermost) => innermost.continues.push(jump),
                    None => return Err(self.wrong(Fault::Misplaced(word))),
                }
                Ok(())
            }
            Token::Word(word @ ("next" | "nextfile")) => {
                self.advance();
                if self.context == Context::Edge && !self.lenient {
                    return Err(self.wrong(Fault::Misplaced(word)));
                }
                self.emit(if word == "next" { Op::Next } else { Op::NextFile });
                Ok(())
            }
            Token::Word("exit") => {
                self.advance();
                let valued = self.optional_value()?;
                self.emit(Op::Exit(valued));
                Ok(())
            }
            Token::Word("return") => {
                self.advance();
                if self.context != Context::Function && !self.lenient {
                    return Err(self.wrong(Fault::Misplaced("return")));
                }
                if !self.optional_value()? {
                    self.emit(Op::Unset);
                }
                self.emit(Op::Return);
                Ok(())
            }
            _ => {
                self.expression()?;
                self.emit(Op::Pop);
                Ok(())
            }
        }
    }

    fn optional_value(&mut self) -> Parsed<bool> {
        if matches!(self.peek(), Token::Newline | Token::Sign(";" | "}") | Token::End) {
            return Ok(false);
        }
        self.expression()?;
        Ok(true)
    }

    fn print(&mut self, formatted: bool) -> Parsed {
        self.advance();
        let mut count = 0;
        let ends = matches!(self.peek(), Token::Newline | Token::Sign(";" | "}" | ">" | ">>" | "|") | Token::End);
        if matches!(self.peek(), Token::Sign("(")) && self.parenthesis_is_the_list() {
            self.advance();
            count = self.list(")")?;
        } else if !ends {
            let before = std::mem::replace(&mut self.greater_ends, true);
            loop {
                self.expression()?;
                count += 1;
                if !self.take(",") {
                    break;
                }
                self.skip_lines();
            }
            self.greater_ends = before;
        }
        if formatted && count == 0 {
            return Err(self.unexpected());
        }
        let redirect = match self.peek() {
            Token::Sign(">") => Some(Redirect::File),
            Token::Sign(">>") => Some(Redirect::Append),
            Token::Sign("|") => Some(Redirect::Pipe),
            _ => None,
        };
        if redirect.is_some() {
            self.advance();
            let before = std::mem::replace(&mut self.greater_ends, true);
            self.expression()?;
            self.greater_ends = before;
        }
        self.emit(if formatted { Op::Printf(count, redirect) } else { Op::Print(count, redirect) });
        Ok(())
    }

    fn delete(&mut self) -> Parsed {
        self.advance();
        let Token::Name(name, _) = self.advance() else {
            self.at -= 1;
            return Err(self.unexpected());
        };
        let array = self.place(&name);
        if self.take("[") {
            let count = self.list("]")?;
            if count > 1 {
                self.emit(Op::Join(count));
            }
            self.emit(Op::Delete(array));
        } else {
            self.emit(Op::Clear(array));
        }
        Ok(())
    }
}
