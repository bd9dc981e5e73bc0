//! Expressions by which VSIM chooses elements: `.year > 1980 and .genre in ["drama", "comedy"]`.
//!
//! Names with a dot are fields of an element's attributes. There are no errors at run time: what makes no sense is
//! false or 0.

use serde_json::Value as Json;

/// Values on the stack, and in the program.
#[derive(Clone, Debug, PartialEq)]
enum Item {
    Number(f64),
    Text(Vec<u8>),
    Tuple(Vec<Item>),
    Null,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Open,
    Close,
    Not,
    Power,
    Times,
    Over,
    Remainder,
    Plus,
    Minus,
    Greater,
    GreaterEqual,
    Less,
    LessEqual,
    Equal,
    Unequal,
    In,
    And,
    Or,
}

/// Spelling, meaning, how tightly it binds, how many operands it has.
const OPERATORS: [(&str, Operator, u8, usize); 21] = [
    ("(", Operator::Open, 7, 0),
    (")", Operator::Close, 7, 0),
    ("!", Operator::Not, 6, 1),
    ("not", Operator::Not, 6, 1),
    ("**", Operator::Power, 5, 2),
    ("*", Operator::Times, 4, 2),
    ("/", Operator::Over, 4, 2),
    ("%", Operator::Remainder, 4, 2),
    ("+", Operator::Plus, 3, 2),
    ("-", Operator::Minus, 3, 2),
    (">", Operator::Greater, 2, 2),
    (">=", Operator::GreaterEqual, 2, 2),
    ("<", Operator::Less, 2, 2),
    ("<=", Operator::LessEqual, 2, 2),
    ("==", Operator::Equal, 2, 2),
    ("!=", Operator::Unequal, 2, 2),
    ("in", Operator::In, 2, 2),
    ("and", Operator::And, 1, 2),
    ("&&", Operator::And, 1, 2),
    ("or", Operator::Or, 0, 2),
    ("||", Operator::Or, 0, 2),
];
const SPECIAL: &[u8] = b"+-*%/!()<>=|&";

impl Operator {
    /// How tightly it binds, and how many operands it has.
    fn shape(self) -> (u8, usize) {
        OPERATORS.iter().find(|row| row.1 == self).map_or((0, 0), |row| (row.2, row.3))
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Push(Item),
    /// A field of the attributes.
    Field(Vec<u8>),
    Apply(Operator),
}

/// A compiled expression.
#[derive(Clone, Debug)]
pub struct Expression {
    /// In reverse Polish notation.
    program: Vec<Step>,
}

struct Tokens<'a> {
    text: &'a [u8],
    at: usize,
}

impl Tokens<'_> {
    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn skip_while(&mut self, fits: impl Fn(u8) -> bool) -> usize {
        let from = self.at;
        while self.at < self.text.len() && fits(self.peek()) {
            self.at += 1;
        }
        from
    }

    fn since(&self, from: usize) -> &[u8] {
        self.text.get(from..self.at).unwrap_or_default()
    }

    fn spaces(&mut self) {
        self.skip_while(|c| c.is_ascii_whitespace() || c == 0x0b);
    }

    fn number(&mut self) -> Option<Item> {
        let from = self.at;
        self.at += usize::from(self.peek() == b'-');
        self.skip_while(|c| c.is_ascii_digit() || matches!(c, b'.' | b'e' | b'E'));
        let text = std::str::from_utf8(self.since(from)).ok()?;
        Some(Item::Number(text.parse().ok()?))
    }

    fn text(&mut self) -> Option<Item> {
        let quote = self.peek();
        self.at += 1;
        let from = self.at;
        while self.at < self.text.len() {
            if self.peek() == b'\\' && self.at + 1 < self.text.len() {
                self.at += 2;
                continue;
            }
            if self.peek() == quote {
                let text = self.since(from).to_vec();
                self.at += 1;
                return Some(Item::Text(text));
            }
            self.at += 1;
        }
        None
    }

    fn tuple(&mut self) -> Option<Item> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.spaces();
            match self.peek() {
                b']' => break,
                b'"' | b'\'' => items.push(self.text()?),
                c if c.is_ascii_digit() || c == b'-' => items.push(self.number()?),
                _ => return None,
            }
            self.spaces();
            match self.peek() {
                b']' => break,
                b',' => self.at += 1,
                _ => return None,
            }
        }
        self.at += 1;
        Some(Item::Tuple(items))
    }

    /// The longest operator that stands here, or `null`.
    fn word(&mut self) -> Option<Step> {
        let from = self.skip_while(|c| c.is_ascii_alphabetic() || SPECIAL.contains(&c));
        if self.since(from) == b"null" {
            return Some(Step::Push(Item::Null));
        }
        let word = self.since(from);
        let fits = OPERATORS.iter().filter(|row| word.starts_with(row.0.as_bytes()));
        let best = fits.max_by_key(|row| row.0.len())?;
        self.at = from + best.0.len();
        Some(Step::Apply(best.1))
    }

    fn next(&mut self, last: Option<&Step>) -> Option<Step> {
        // After a value and after a closing parenthesis a minus is an operator.
        let begins = last.is_none_or(|step| matches!(step, Step::Apply(op) if *op != Operator::Close));
        let following = self.text.get(self.at + 1).copied().unwrap_or(0);
        match self.peek() {
            b'-' if begins && following.is_ascii_digit() => self.number().map(Step::Push),
            c if c.is_ascii_digit() => self.number().map(Step::Push),
            b'"' | b'\'' => self.text().map(Step::Push),
            b'.' if is_name(following) => {
                self.at += 1;
                let from = self.skip_while(is_name);
                Some(Step::Field(self.since(from).to_vec()))
            }
            b'[' => self.tuple().map(Step::Push),
            c if c.is_ascii_alphabetic() || SPECIAL.contains(&c) => self.word(),
            _ => None,
        }
    }
}

fn is_name(c: u8) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-')
}

/// Operators that wait for their right operand, and what is compiled so far.
#[derive(Default)]
struct Compiler {
    program: Vec<Step>,
    waiting: Vec<Operator>,
    /// Values that will be on the stack.
    values: usize,
}

impl Compiler {
    /// Moves the last waiting operator to the program, unless it lacks operands.
    fn apply(&mut self) -> Option<()> {
        let operator = self.waiting.pop()?;
        let (_, operands) = operator.shape();
        self.values = (self.values + 1).checked_sub(operands).filter(|_| self.values >= operands)?;
        self.program.push(Step::Apply(operator));
        Some(())
    }

    fn operator(&mut self, operator: Operator) -> Option<()> {
        if operator == Operator::Close {
            while *self.waiting.last()? != Operator::Open {
                self.apply()?;
            }
            self.waiting.pop();
            return Some(());
        }
        let (binds, _) = operator.shape();
        while let Some(top) = self.waiting.last() {
            let (top_binds, _) = top.shape();
            let right = operator == Operator::Power && top_binds == binds;
            if operator == Operator::Open || *top == Operator::Open || top_binds < binds || right {
                break;
            }
            self.apply()?;
        }
        self.waiting.push(operator);
        Some(())
    }
}

impl Expression {
    /// Compiles an expression. The error is where in the text a word is not understood; 0 where the words are, but
    /// do not fit together.
    pub fn compile(text: &[u8]) -> Result<Expression, usize> {
        let mut tokens = Tokens { text, at: 0 };
        let mut compiler = Compiler::default();
        let mut last: Option<Step> = None;
        loop {
            tokens.spaces();
            if tokens.at >= text.len() {
                break;
            }
            let step = tokens.next(last.as_ref()).ok_or(tokens.at)?;
            match &step {
                Step::Apply(operator) => compiler.operator(*operator).ok_or(0usize)?,
                value => {
                    compiler.program.push(value.clone());
                    compiler.values += 1;
                }
            }
            last = Some(step);
        }
        while let Some(operator) = compiler.waiting.last() {
            if *operator == Operator::Open {
                return Err(0);
            }
            compiler.apply().ok_or(0usize)?;
        }
        if compiler.values == 1 { Ok(Expression { program: compiler.program }) } else { Err(0) }
    }

    /// Whether an element with these attributes fits.
    pub fn fits(&self, attributes: &[u8]) -> bool {
        let Ok(json) = serde_json::from_slice::<Json>(attributes) else { return false };
        let mut stack = Vec::new();
        for step in &self.program {
            match step {
                Step::Push(item) => stack.push(item.clone()),
                Step::Field(name) => {
                    let field = std::str::from_utf8(name).ok().and_then(|name| json.get(name));
                    // An element without the field does not fit, whatever the expression.
                    let Some(item) = field.and_then(|field| item(field, true)) else { return false };
                    stack.push(item);
                }
                Step::Apply(operator) => {
                    let right = stack.pop().unwrap_or(Item::Null);
                    let result = match operator.shape().1 {
                        1 => !right.holds(),
                        _ => match stack.pop().unwrap_or(Item::Null).apply(*operator, &right) {
                            Ok(number) => {
                                stack.push(Item::Number(number));
                                continue;
                            }
                            Err(truth) => truth,
                        },
                    };
                    stack.push(Item::Number(f64::from(u8::from(result))));
                }
            }
        }
        stack.pop().is_some_and(|item| item.holds())
    }
}

/// A field's value; None for what expressions have no word for.
fn item(json: &Json, lists: bool) -> Option<Item> {
    Some(match json {
        Json::Null => Item::Null,
        Json::Bool(truth) => Item::Number(f64::from(u8::from(*truth))),
        Json::Number(number) => Item::Number(number.as_f64()?),
        Json::String(text) => Item::Text(text.clone().into_bytes()),
        Json::Array(all) if lists => Item::Tuple(all.iter().map(|one| item(one, false)).collect::<Option<_>>()?),
        Json::Array(_) | Json::Object(_) => return None,
    })
}

impl Item {
    fn number(&self) -> f64 {
        match self {
            Item::Number(n) => *n,
            Item::Text(text) => std::str::from_utf8(text).ok().and_then(|t| t.trim_start().parse().ok()).unwrap_or(0.0),
            Item::Tuple(_) | Item::Null => 0.0,
        }
    }

    fn holds(&self) -> bool {
        match self {
            Item::Number(n) => *n != 0.0,
            Item::Text(text) => !text.is_empty(),
            Item::Tuple(_) => true,
            Item::Null => false,
        }
    }

    fn equals(&self, other: &Item) -> bool {
        match (self, other) {
            (Item::Text(a), Item::Text(b)) => a == b,
            (Item::Null, _) | (_, Item::Null) => self == other,
            _ => self.number() == other.number(),
        }
    }

    fn is_in(&self, other: &Item) -> bool {
        match (self, other) {
            (_, Item::Tuple(items)) => items.iter().any(|item| self.equals(item)),
            (Item::Text(a), Item::Text(b)) => a.is_empty() || b.windows(a.len()).any(|part| part == a),
            _ => false,
        }
    }

    /// A number, or (as an error) whether something holds.
    fn apply(&self, operator: Operator, right: &Item) -> Result<f64, bool> {
        let (a, b) = (self.number(), right.number());
        Err(match operator {
            Operator::Power => return Ok(a.powf(b)),
            Operator::Times => return Ok(a * b),
            Operator::Over => return Ok(a / b),
            Operator::Remainder => return Ok(a % b),
            Operator::Plus => return Ok(a + b),
            Operator::Minus => return Ok(a - b),
            Operator::Greater => a > b,
            Operator::GreaterEqual => a >= b,
            Operator::Less => a < b,
            Operator::LessEqual => a <= b,
            Operator::Equal => self.equals(right),
            Operator::Unequal => !self.equals(right),
            Operator::In => self.is_in(right),
            Operator::And => self.holds() && right.holds(),
            Operator::Or => self.holds() || right.holds(),
            Operator::Not | Operator::Open | Operator::Close => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Expression;

    const MOVIE: &[u8] = br#"{"year": 1984, "name": "The Matrix", "tags": ["a", "b"], "good": true, "none": null}"#;

    #[track_caller]
    fn check(expression: &str, fits: bool) {
        let compiled = Expression::compile(expression.as_bytes());
        assert_eq!(compiled.map(|e| e.fits(MOVIE)), Ok(fits), "{expression}");
    }

    #[test]
    fn expressions_choose() {
        check("(5+2)*3 == 21 and .year > 1980 and 'foo' == 'foo'", true);
        check("2**3**2 == 512", true);
        check("10 - 3 - 2 == 5 && -1 + 2 == 1", true);
        check("not .year < 1980 and !(.year == 1)", true);
        check("'a' in .tags and \"Mat\" in .name and .year in [1983, 1984]", true);
        check(".missing == 1 or 1", false);
        check(".good and .none == null", true);
        check("null == 0", false);
        check("'1984' == .year", true);
        check(".year % 10 == 4 or 1/0 > 1", true);
    }

    #[test]
    fn errors_tell_where() {
        for (expression, at) in
            [("(1", 0), ("1 +", 0), ("1)", 0), ("1 2", 0), ("'a", 2), ("[1", 2), ("1 @", 2), ("", 0)]
        {
            assert_eq!(Expression::compile(expression.as_bytes()).err(), Some(at), "{expression}");
        }
    }
}
