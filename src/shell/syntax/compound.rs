//! Compound commands.

use std::rc::Rc;

use super::ast::{CaseEnd, CaseItem, Command, Compound, List, Word};
use super::parser::Parser;
use super::{ParseResult, SyntaxError, is_name};

impl Parser<'_> {
    /// The compound command at the cursor with its redirections; none if none begins there.
    pub(super) fn compound(&mut self) -> ParseResult<Option<Command>> {
        let line = self.line;
        let compound = if self.byte() == Some(b'(') {
            self.paren()?
        } else {
            let Some(word) = self.reserved() else { return Ok(None) };
            if word == "function" {
                return self.function_keyword().map(Some);
            }
            match self.keyword(word)? {
                Some(compound) => compound,
                None => return Ok(None),
            }
        };
        let redirects = self.redirects()?;
        Ok(Some(Command::Compound(compound, redirects, line)))
    }

    fn keyword(&mut self, word: &'static str) -> ParseResult<Option<Compound>> {
        let parse: fn(&mut Self) -> ParseResult<Compound> = match word {
            "{" => Self::brace,
            "if" => Self::if_,
            "while" => |p| p.while_(false),
            "until" => |p| p.while_(true),
            "for" => Self::for_,
            "select" => Self::select,
            "case" => Self::case,
            "[[" => Self::cond,
            "coproc" => Self::coproc,
            "in" => return Ok(None),
            _ => return Err(self.unexpected(None)),
        };
        self.eat(word);
        parse(self).map(Some)
    }

    fn paren(&mut self) -> ParseResult<Compound> {
        if self.ahead(1) == Some(b'(')
            && self.options.bash
            && let Some(end) = self.arith_end(self.pos + 2)
        {
            let text = self.src.get(self.pos + 2..end).unwrap_or("").to_string();
            let word = self.arith_word(&text, self.line)?;
            self.line += text.matches('\n').count() as u32;
            self.pos = end + 2;
            return Ok(Compound::Arith(word));
        }
        if self.ahead(1) == Some(b'(') && self.options.bash && !self.rest().contains("))") {
            return Err(self.unmatched(')', self.line));
        }
        self.bump();
        let list = self.list(Some(")"))?;
        if self.byte() != Some(b')') {
            return Err(self.unexpected(Some(")")));
        }
        self.bump();
        Ok(Compound::Subshell(list))
    }

    fn brace(&mut self) -> ParseResult<Compound> {
        let list = self.list(Some("}"))?;
        self.expect_reserved("}")?;
        Ok(Compound::Brace(list))
    }

    fn if_(&mut self) -> ParseResult<Compound> {
        let mut branches = Vec::new();
        let mut otherwise = None;
        loop {
            let condition = self.list(Some("then"))?;
            self.expect_reserved("then")?;
            let body = self.list(Some("fi"))?;
            branches.push((condition, body));
            if self.eat_reserved("elif") {
                continue;
            }
            if self.eat_reserved("else") {
                otherwise = Some(self.list(Some("fi"))?);
            }
            self.expect_reserved("fi")?;
            return Ok(Compound::If(branches, otherwise));
        }
    }

    fn while_(&mut self, until: bool) -> ParseResult<Compound> {
        let condition = self.list(Some("do"))?;
        let body = self.do_group()?;
        Ok(Compound::While(until, condition, body))
    }

    fn do_group(&mut self) -> ParseResult<List> {
        self.expect_reserved("do")?;
        let body = self.list(Some("done"))?;
        self.expect_reserved("done")?;
        Ok(body)
    }

    fn for_(&mut self) -> ParseResult<Compound> {
        self.skip_blanks();
        if self.rest().starts_with("((") && self.options.bash {
            return self.arith_for();
        }
        let (name, words) = self.loop_head()?;
        let body = if self.options.bash && self.reserved() == Some("{") {
            self.eat("{");
            let body = self.list(Some("}"))?;
            self.expect_reserved("}")?;
            body
        } else {
            self.do_group()?
        };
        Ok(Compound::For(name, words, body))
    }

    fn select(&mut self) -> ParseResult<Compound> {
        let (name, words) = self.loop_head()?;
        Ok(Compound::Select(name, words, self.do_group()?))
    }

    /// `name [in words];` of `for` and `select`.
    fn loop_head(&mut self) -> ParseResult<(String, Option<Vec<Word>>)> {
        self.skip_blanks();
        let Some(word) = self.word()? else {
            return Err(match self.byte() {
                Some(_) if self.options.bash => self.unexpected(None),
                None if self.options.bash => {
                    SyntaxError::Token { token: "newline".into(), line: self.line, expecting: None }
                }
                _ => SyntaxError::Other { message: "Bad for loop variable".into(), line: self.line },
            });
        };
        if !self.options.bash && !is_name(&word.text) {
            return Err(SyntaxError::Other { message: "Bad for loop variable".into(), line: self.line });
        }
        self.skip_newlines()?;
        let words = if self.eat_reserved("in") {
            let mut words = Vec::new();
            loop {
                self.skip_blanks();
                match self.word()? {
                    Some(word) => words.push(word),
                    None => break,
                }
            }
            match self.byte() {
                Some(b'\n') => {}
                Some(b';') if self.at_operator(";") => self.pos += 1,
                _ => return Err(self.unexpected(Some("do"))),
            }
            Some(words)
        } else {
            self.eat_operator(";");
            None
        };
        self.skip_newlines()?;
        Ok((word.text, words))
    }

    fn arith_for(&mut self) -> ParseResult<Compound> {
        let line = self.line;
        let start = self.pos + 2;
        let Some(end) = self.arith_end(start) else {
            return Err(self.unmatched(')', line));
        };
        let text = self.src.get(start..end).unwrap_or("").to_string();
        let pieces: Vec<&str> = text.split(';').collect();
        let [init, condition, step] = pieces.as_slice() else {
            let message = if pieces.len() < 3 {
                "syntax error: arithmetic expression required".to_string()
            } else {
                "syntax error: `;' unexpected".to_string()
            };
            return Err(SyntaxError::Other { message, line });
        };
        let piece = |text: &str| self.arith_word(text.trim(), line);
        let (init, condition, step) = (piece(init)?, piece(condition)?, piece(step)?);
        self.line += text.matches('\n').count() as u32;
        self.pos = end + 2;
        self.eat_operator(";");
        self.skip_newlines()?;
        let body = if self.reserved() == Some("{") {
            self.eat("{");
            let body = self.list(Some("}"))?;
            self.expect_reserved("}")?;
            body
        } else {
            self.do_group()?
        };
        Ok(Compound::ArithFor(init, condition, step, body))
    }

    fn case(&mut self) -> ParseResult<Compound> {
        self.skip_blanks();
        let Some(subject) = self.word()? else { return Err(self.unexpected(None)) };
        self.skip_newlines()?;
        if !self.eat_reserved("in") {
            return Err(self.unexpected(Some("in")));
        }
        let mut items = Vec::new();
        loop {
            self.skip_newlines()?;
            if self.eat_reserved("esac") {
                return Ok(Compound::Case(subject, items));
            }
            items.push(self.case_item()?);
            if items.last().is_some_and(|item: &CaseItem| item.end == CaseEnd::Break) && self.eat_reserved("esac") {
                return Ok(Compound::Case(subject, items));
            }
        }
    }

    fn case_item(&mut self) -> ParseResult<CaseItem> {
        self.eat_operator("(");
        let mut patterns = Vec::new();
        loop {
            self.skip_blanks();
            match self.word()? {
                Some(word) => patterns.push(word),
                None => return Err(self.unexpected(None)),
            }
            if self.eat_operator("|") {
                continue;
            }
            if self.eat_operator(")") {
                break;
            }
            return Err(self.unexpected(Some(")")));
        }
        let body = self.case_body()?;
        self.skip_newlines()?;
        let end = match self.operator() {
            Some(";;") => CaseEnd::Break,
            Some(";&") => CaseEnd::FallThrough,
            Some(";;&") => CaseEnd::Continue,
            _ if self.reserved() == Some("esac") => return Ok(CaseItem { patterns, body, end: CaseEnd::Break }),
            _ => return Err(self.unexpected(Some(";;"))),
        };
        self.pos += self.operator().map_or(0, str::len);
        Ok(CaseItem { patterns, body, end })
    }

    fn case_body(&mut self) -> ParseResult<List> {
        self.list_or_empty(Some(";;"))
    }

    fn function_keyword(&mut self) -> ParseResult<Command> {
        let line = self.line;
        self.eat("function");
        self.skip_blanks();
        let Some(name) = self.word()? else { return Err(self.end_as_newline()) };
        self.skip_blanks();
        if self.byte() == Some(b'(') && self.ahead(1) != Some(b'(') {
            self.bump();
            self.skip_blanks();
            if self.byte() == Some(b')') {
                self.bump();
            } else {
                self.skip_newlines()?;
                return Err(self.unexpected(None));
            }
        }
        self.function_body(name.text, line)
    }

    /// bash names the end of the input `newline` where a name has to follow.
    fn end_as_newline(&mut self) -> SyntaxError {
        match self.byte() {
            None => SyntaxError::Token { token: "newline".into(), line: self.line, expecting: None },
            Some(_) => self.unexpected(None),
        }
    }

    fn coproc(&mut self) -> ParseResult<Compound> {
        self.skip_blanks();
        if let Some(command) = self.compound()? {
            return Ok(Compound::Coproc("COPROC".into(), Rc::new(command)));
        }
        let start = (self.pos, self.line);
        if let Some(word) = self.word()?
            && is_name(&word.text)
        {
            self.skip_blanks();
            if let Some(command) = self.compound()? {
                return Ok(Compound::Coproc(word.text, Rc::new(command)));
            }
        }
        (self.pos, self.line) = start;
        let command = self.simple_or_function()?;
        Ok(Compound::Coproc("COPROC".into(), Rc::new(command)))
    }
}
