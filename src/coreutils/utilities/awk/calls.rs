//! Calls to code: the program's own functions, and those that awk has.

use super::code::{Function, Op, Target};
use super::compile::Compiler;
use super::error::Wrong;
use super::lexer::Token;

type Parsed<T = ()> = Result<T, Wrong>;

impl Compiler {
    pub(super) fn call(&mut self, name: &str) -> Parsed {
        let number = self.routine(name);
        self.expect("(")?;
        let before = std::mem::replace(&mut self.greater_ends, false);
        let mut count = 0;
        self.skip_lines();
        while !self.take(")") {
            // A name alone may be an array.
            if let (Token::Name(argument, false), Token::Sign("," | ")")) = (self.peek().clone(), self.ahead(1)) {
                self.advance();
                let place = self.place(&argument);
                self.emit(Op::Pass(place));
            } else {
                self.expression()?;
            }
            count += 1;
            self.skip_lines();
            if self.take(",") {
                self.skip_lines();
            } else if !matches!(self.peek(), Token::Sign(")")) {
                self.expect(")")?;
            }
        }
        self.greater_ends = before;
        self.emit(Op::Call(number, count));
        Ok(())
    }

    pub(super) fn builtin(&mut self, word: &str, function: Function) -> Parsed {
        if !self.take("(") {
            if function != Function::Length {
                return Err(self.unexpected());
            }
            self.emit(Op::Function(function, 0));
            return Ok(());
        }
        let before = std::mem::replace(&mut self.greater_ends, false);
        match word {
            "split" => self.split()?,
            "sub" | "gsub" => self.substitution(word == "gsub")?,
            "match" => {
                self.expression()?;
                self.comma()?;
                self.pattern(Compiler::expression)?;
                self.expect(")")?;
                self.emit(Op::Function(function, 2));
            }
            _ => {
                if let (Token::Name(name, false), Token::Sign(")"), Function::Length) =
                    (self.peek().clone(), self.ahead(1), function)
                {
                    self.advance();
                    self.advance();
                    let place = self.place(&name);
                    self.emit(Op::Function(Function::LengthOf(place), 0));
                } else {
                    let count = self.list(")")?;
                    if !counts(function).contains(&count) {
                        return Err(self.unexpected());
                    }
                    self.emit(Op::Function(function, count));
                }
            }
        }
        self.greater_ends = before;
        Ok(())
    }

    fn comma(&mut self) -> Parsed {
        self.skip_lines();
        self.expect(",")?;
        self.skip_lines();
        Ok(())
    }

    fn split(&mut self) -> Parsed {
        self.expression()?;
        self.comma()?;
        let Token::Name(name, _) = self.peek().clone() else { return Err(self.unexpected()) };
        self.advance();
        let array = self.place(&name);
        let mut count = 1;
        if self.take(",") {
            self.skip_lines();
            // As a literal one blank is itself, not any white space.
            if matches!(self.peek(), Token::Regex(text) if &**text == " ") {
                self.advance();
                self.emit_text("[ ]");
            } else {
                self.pattern(Compiler::expression)?;
            }
            count = 2;
        }
        self.expect(")")?;
        self.emit(Op::Function(Function::Split(array), count));
        Ok(())
    }

    fn substitution(&mut self, all: bool) -> Parsed {
        self.pattern(Compiler::expression)?;
        self.comma()?;
        self.expression()?;
        let target = if self.take(",") {
            self.skip_lines();
            self.target()?
        } else {
            self.emit(Op::Number(0.0));
            Target::Field
        };
        self.expect(")")?;
        self.emit(Op::Function(Function::Sub(all, target), 2));
        Ok(())
    }
}

/// The function that a word stands for; those with an array or a variable among their arguments get it later.
pub(super) fn function(word: &str) -> Option<Function> {
    let nowhere = super::code::Place::Global(0);
    Some(match word {
        "atan2" => Function::Atan2,
        "close" => Function::Close,
        "cos" => Function::Cos,
        "exp" => Function::Exp,
        "fflush" => Function::Fflush,
        "index" => Function::Index,
        "int" => Function::Int,
        "length" => Function::Length,
        "log" => Function::Log,
        "match" => Function::Match,
        "rand" => Function::Rand,
        "sin" => Function::Sin,
        "split" => Function::Split(nowhere),
        "sprintf" => Function::Sprintf,
        "sqrt" => Function::Sqrt,
        "srand" => Function::Srand,
        "strftime" => Function::Strftime,
        "sub" | "gsub" => Function::Sub(false, Target::Field),
        "substr" => Function::Substr,
        "system" => Function::System,
        "systime" => Function::Systime,
        "tolower" => Function::Tolower,
        "toupper" => Function::Toupper,
        _ => return None,
    })
}

/// How many arguments a function takes.
fn counts(function: Function) -> std::ops::RangeInclusive<usize> {
    match function {
        Function::Rand | Function::Systime => 0..=0,
        Function::Length | Function::Srand | Function::Fflush => 0..=1,
        Function::Atan2 | Function::Index => 2..=2,
        Function::Substr => 2..=3,
        Function::Strftime => 0..=3,
        Function::Sprintf => 1..=usize::MAX,
        _ => 1..=1,
    }
}
