//! Expressions to code, from the loosest operator to the tightest.

use super::calls::function;
use super::code::{Binary, Op, Source, Target};
use super::compile::{Compiler, DEEPEST};
use super::error::{Fault, Wrong};
use super::lexer::Token;

type Parsed<T = ()> = Result<T, Wrong>;

impl Compiler {
    /// An expression; its value is left on the stack.
    pub fn expression(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.wrong(Fault::TooDeep));
        }
        let done = self.ternary();
        self.depth -= 1;
        done
    }

    fn ternary(&mut self) -> Parsed {
        self.either()?;
        if !self.take("?") {
            return Ok(());
        }
        let otherwise = self.emit(Op::JumpUnless(0));
        self.skip_lines();
        self.expression()?;
        self.skip_lines();
        self.expect(":")?;
        self.skip_lines();
        let end = self.emit(Op::Jump(0));
        self.land(otherwise);
        self.expression()?;
        self.land(end);
        Ok(())
    }

    fn either(&mut self) -> Parsed {
        self.both()?;
        while self.take("||") {
            self.skip_lines();
            let yes = self.emit(Op::JumpIf(0));
            self.both()?;
            self.truth(yes, 1.0);
        }
        Ok(())
    }

    fn both(&mut self) -> Parsed {
        self.membership()?;
        while self.take("&&") {
            self.skip_lines();
            let no = self.emit(Op::JumpUnless(0));
            self.membership()?;
            self.truth(no, 0.0);
        }
        Ok(())
    }

    /// The right side's truth, or `known` where `jump` was taken.
    fn truth(&mut self, jump: usize, known: f64) {
        self.emit(Op::Bool);
        let end = self.emit(Op::Jump(0));
        self.land(jump);
        self.emit(Op::Number(known));
        self.land(end);
    }

    fn membership(&mut self) -> Parsed {
        self.matching()?;
        while self.at_word("in") {
            self.advance();
            self.array_test()?;
        }
        Ok(())
    }

    /// `in` is read: the array's name follows, the subscript is on the stack.
    fn array_test(&mut self) -> Parsed {
        let Token::Name(name, _) = self.peek().clone() else { return Err(self.unexpected()) };
        self.advance();
        let array = self.place(&name);
        self.emit(Op::In(array));
        Ok(())
    }

    fn matching(&mut self) -> Parsed {
        self.comparison()?;
        loop {
            let operator = match self.peek() {
                Token::Sign("~") => Binary::Match,
                Token::Sign("!~") => Binary::NotMatch,
                _ => return Ok(()),
            };
            self.advance();
            self.pattern(Compiler::comparison)?;
            self.emit(Op::Binary(operator));
        }
    }

    /// An operand that is a regular expression: a literal stands for its text.
    pub(super) fn pattern(&mut self, other: fn(&mut Compiler) -> Parsed) -> Parsed {
        if let Token::Regex(text) = self.peek().clone() {
            self.advance();
            self.emit(Op::Text(text));
            return Ok(());
        }
        other(self)
    }

    fn comparison(&mut self) -> Parsed {
        self.piped()?;
        let operator = match self.peek() {
            Token::Sign("<") => Binary::Less,
            Token::Sign("<=") => Binary::LessEqual,
            Token::Sign("==") => Binary::Equal,
            Token::Sign("!=") => Binary::NotEqual,
            Token::Sign(">") if !self.greater_ends => Binary::Greater,
            Token::Sign(">=") => Binary::GreaterEqual,
            _ => return Ok(()),
        };
        self.advance();
        self.piped()?;
        self.emit(Op::Binary(operator));
        Ok(())
    }

    /// `command | getline`.
    fn piped(&mut self) -> Parsed {
        self.concatenation()?;
        while matches!((self.peek(), self.ahead(1)), (Token::Sign("|"), Token::Word("getline"))) {
            self.advance();
            self.advance();
            let target = self.optional_target()?;
            self.emit(Op::Getline(Source::Command, target));
        }
        Ok(())
    }

    /// Operands side by side.
    pub fn concatenation(&mut self) -> Parsed {
        self.sum()?;
        while self.operand_follows() {
            self.sum()?;
            self.emit(Op::Binary(Binary::Concat));
        }
        Ok(())
    }

    fn operand_follows(&self) -> bool {
        match self.peek() {
            Token::Number(_) | Token::Text(_) | Token::Name(..) => true,
            Token::Sign(sign) => matches!(*sign, "$" | "(" | "++" | "--"),
            Token::Word(word) => function(word).is_some(),
            Token::Regex(_) | Token::Newline | Token::End => false,
        }
    }

    fn sum(&mut self) -> Parsed {
        self.product()?;
        loop {
            let operator = match self.peek() {
                Token::Sign("+") => Binary::Add,
                Token::Sign("-") => Binary::Sub,
                _ => return Ok(()),
            };
            self.advance();
            self.product()?;
            self.emit(Op::Binary(operator));
        }
    }

    fn product(&mut self) -> Parsed {
        self.unary()?;
        loop {
            let operator = match self.peek() {
                Token::Sign("*") => Binary::Mul,
                Token::Sign("/") => Binary::Div,
                Token::Sign("%") => Binary::Mod,
                _ => return Ok(()),
            };
            self.advance();
            self.unary()?;
            self.emit(Op::Binary(operator));
        }
    }

    fn unary(&mut self) -> Parsed {
        let op = match self.peek() {
            Token::Sign("!") => Op::Not,
            Token::Sign("-") => Op::Negate,
            Token::Sign("+") => Op::Plus,
            _ => return self.power(),
        };
        self.advance();
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.wrong(Fault::TooDeep));
        }
        let done = self.unary();
        self.depth -= 1;
        self.emit(op);
        done
    }

    fn power(&mut self) -> Parsed {
        self.postfix()?;
        if self.take("^") {
            self.unary()?;
            self.emit(Op::Binary(Binary::Pow));
        }
        Ok(())
    }

    /// A primary with what may stand behind a variable: `++`, `--`, an assignment.
    fn postfix(&mut self) -> Parsed {
        let Some(target) = self.primary()? else { return Ok(()) };
        let sign = match self.peek() {
            Token::Sign(sign) => *sign,
            _ => return Ok(()),
        };
        let operator = match sign {
            "++" | "--" => {
                self.advance();
                self.code.ops.pop();
                self.emit(Op::Step(target, if sign == "++" { 1.0 } else { -1.0 }, true));
                return Ok(());
            }
            "=" => None,
            "+=" => Some(Binary::Add),
            "-=" => Some(Binary::Sub),
            "*=" => Some(Binary::Mul),
            "/=" => Some(Binary::Div),
            "%=" => Some(Binary::Mod),
            "^=" => Some(Binary::Pow),
            _ => return Ok(()),
        };
        self.advance();
        self.skip_lines();
        self.code.ops.pop();
        if operator.is_some() {
            if target.is_indexed() {
                self.emit(Op::Dup);
            }
            self.emit(Op::Get(target));
        }
        self.expression()?;
        if let Some(operator) = operator {
            self.emit(Op::Binary(operator));
        }
        self.emit(Op::Set(target));
        Ok(())
    }

    /// A value by itself. Where it is a variable its `Get` is the last operation.
    fn primary(&mut self) -> Parsed<Option<Target>> {
        match self.peek().clone() {
            Token::Number(number) => {
                self.advance();
                self.emit(Op::Number(number));
            }
            Token::Text(text) => {
                self.advance();
                self.emit(Op::Text(text));
            }
            Token::Regex(text) => {
                self.advance();
                self.emit(Op::MatchRecord(text));
            }
            Token::Name(name, true) => {
                self.advance();
                self.call(&name)?;
            }
            Token::Name(..) | Token::Sign("$") => {
                let target = self.target()?;
                self.emit(Op::Get(target));
                return Ok(Some(target));
            }
            Token::Sign(sign @ ("++" | "--")) => {
                self.advance();
                let target = self.target()?;
                self.emit(Op::Step(target, if sign == "++" { 1.0 } else { -1.0 }, false));
            }
            Token::Sign(sign @ ("-" | "+" | "!")) => {
                self.advance();
                self.primary()?;
                self.emit(match sign {
                    "-" => Op::Negate,
                    "+" => Op::Plus,
                    _ => Op::Not,
                });
            }
            Token::Sign("(") => self.group()?,
            Token::Word("getline") => {
                self.advance();
                self.getline()?;
            }
            Token::Word(word) => {
                let Some(function) = function(word) else { return Err(self.unexpected()) };
                self.advance();
                self.builtin(word, function)?;
            }
            Token::Sign(_) | Token::Newline | Token::End => return Err(self.unexpected()),
        }
        Ok(None)
    }

    /// A variable, an element or a field; what names it is left on the stack.
    pub(super) fn target(&mut self) -> Parsed<Target> {
        match self.advance() {
            Token::Sign("$") => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(self.wrong(Fault::TooDeep));
                }
                self.primary()?;
                self.depth -= 1;
                Ok(Target::Field)
            }
            Token::Name(name, false) => {
                let place = self.place(&name);
                if !self.take("[") {
                    return Ok(Target::Variable(place));
                }
                let count = self.list("]")?;
                if count > 1 {
                    self.emit(Op::Join(count));
                }
                Ok(Target::Element(place))
            }
            _ => Err(self.unexpected()),
        }
    }

    fn optional_target(&mut self) -> Parsed<Option<Target>> {
        match self.peek() {
            Token::Name(_, false) | Token::Sign("$") => Ok(Some(self.target()?)),
            _ => Ok(None),
        }
    }

    fn getline(&mut self) -> Parsed {
        let target = self.optional_target()?;
        if self.take("<") {
            self.primary()?;
            self.emit(Op::Getline(Source::File, target));
        } else {
            self.emit(Op::Getline(Source::Input, target));
        }
        Ok(())
    }

    fn group(&mut self) -> Parsed {
        self.advance();
        let count = self.list(")")?;
        if count == 1 {
            return Ok(());
        }
        if count == 0 || !self.at_word("in") {
            return Err(self.unexpected());
        }
        self.advance();
        self.emit(Op::Join(count));
        self.array_test()
    }

    /// Expressions with commas between them, up to `close`; how many there were.
    pub fn list(&mut self, close: &'static str) -> Parsed<usize> {
        let before = std::mem::replace(&mut self.greater_ends, false);
        let mut count = 0;
        self.skip_lines();
        if !self.take(close) {
            loop {
                self.expression()?;
                count += 1;
                self.skip_lines();
                if !self.take(",") {
                    break;
                }
                self.skip_lines();
            }
            self.expect(close)?;
        }
        self.greater_ends = before;
        Ok(count)
    }
}
