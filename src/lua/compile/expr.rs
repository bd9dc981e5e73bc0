//! Expressions.

use super::emit::{Expr, Kind};
use super::function::{Binding, ConstantKey};
use super::lexer::Token;
use super::{Parser, Result};
use crate::op::Op;
use std::rc::Rc;

/// Items of a table constructor that are stored at once.
pub const FIELDS_PER_FLUSH: usize = 50;

/// Left and right priority of a binary operator.
fn priority(symbol: &str) -> Option<(u8, u8)> {
    Some(match symbol {
        "+" | "-" => (6, 6),
        "*" | "/" | "%" => (7, 7),
        "^" => (10, 9),
        ".." => (5, 4),
        "~=" | "==" | "<" | "<=" | ">" | ">=" => (3, 3),
        "and" => (2, 2),
        "or" => (1, 1),
        _ => return None,
    })
}

const UNARY_PRIORITY: u8 = 8;

impl Parser<'_> {
    pub(super) fn expr(&mut self) -> Result<Expr> {
        self.sub_expr(0)
    }

    fn sub_expr(&mut self, limit: u8) -> Result<Expr> {
        self.enter()?;
        let unary = ["not", "-", "#"].into_iter().find(|s| self.is(s));
        let mut left = match unary {
            Some(symbol) => {
                self.lexer.next()?;
                let mut operand = self.sub_expr(UNARY_PRIORITY)?;
                self.prefix(symbol, &mut operand)?;
                operand
            }
            None => self.simple()?,
        };
        while let Token::Sym(symbol) = self.lexer.token
            && let Some((left_priority, right_priority)) = priority(symbol)
            && left_priority > limit
        {
            self.lexer.next()?;
            self.infix(symbol, &mut left)?;
            let right = self.sub_expr(right_priority)?;
            self.posfix(symbol, &mut left, right)?;
        }
        self.leave();
        Ok(left)
    }

    fn prefix(&mut self, symbol: &str, e: &mut Expr) -> Result<()> {
        match symbol {
            "not" => return self.negate(e),
            "-" => {
                if let Some(n) = e.number() {
                    e.kind = Kind::Num(-n);
                    return Ok(());
                }
            }
            _ => {}
        }
        let b = self.load_any(e)?;
        self.free_expr(e);
        let op = if symbol == "-" { Op::Unm { a: 0, b } } else { Op::Len { a: 0, b } };
        e.kind = Kind::Open(self.emit(op));
        Ok(())
    }

    fn infix(&mut self, symbol: &str, e: &mut Expr) -> Result<()> {
        match symbol {
            "and" => self.go_if_true(e),
            "or" => self.go_if_false(e),
            ".." => self.load_next(e),
            "+" | "-" | "*" | "/" | "%" | "^" if e.number().is_some() => Ok(()),
            _ => self.load_operand(e).map(|_| ()),
        }
    }

    fn posfix(&mut self, symbol: &str, left: &mut Expr, mut right: Expr) -> Result<()> {
        match symbol {
            "and" => {
                self.discharge(&mut right);
                right.no.append(&mut left.no);
                *left = right;
            }
            "or" => {
                self.discharge(&mut right);
                right.yes.append(&mut left.yes);
                *left = right;
            }
            ".." => self.concat(left, right)?,
            "==" => self.comparison(left, &mut right, false, |b, c| Op::Eq { want: true, b, c })?,
            "~=" => self.comparison(left, &mut right, false, |b, c| Op::Eq { want: false, b, c })?,
            "<" => self.comparison(left, &mut right, false, |b, c| Op::Lt { want: true, b, c })?,
            "<=" => self.comparison(left, &mut right, false, |b, c| Op::Le { want: true, b, c })?,
            ">" => self.comparison(left, &mut right, true, |b, c| Op::Lt { want: true, b, c })?,
            ">=" => self.comparison(left, &mut right, true, |b, c| Op::Le { want: true, b, c })?,
            _ => self.arithmetic(symbol, left, &mut right)?,
        }
        Ok(())
    }

    fn concat(&mut self, left: &mut Expr, mut right: Expr) -> Result<()> {
        self.load_value(&mut right)?;
        if let Kind::Open(at) = right.kind
            && let Kind::Register(first) = left.kind
            && let Some(Op::Concat { b, .. }) = self.function().proto.code.get_mut(at)
        {
            *b = first;
            self.free_expr(left);
            left.kind = Kind::Open(at);
            return Ok(());
        }
        self.load_next(&mut right)?;
        let (Kind::Register(b), Kind::Register(c)) = (left.kind, right.kind) else { return Ok(()) };
        self.free_expr(&right);
        self.free_expr(left);
        left.kind = Kind::Open(self.emit(Op::Concat { a: 0, b, c }));
        Ok(())
    }

    fn arithmetic(&mut self, symbol: &str, left: &mut Expr, right: &mut Expr) -> Result<()> {
        if let (Some(x), Some(y)) = (left.number(), right.number())
            && let Some(n) = fold(symbol, x, y)
        {
            left.kind = Kind::Num(n);
            return Ok(());
        }
        let c = self.load_operand(right)?;
        let b = self.load_operand(left)?;
        self.free_both(left, right, b, c);
        let a = 0;
        let op = match symbol {
            "+" => Op::Add { a, b, c },
            "-" => Op::Sub { a, b, c },
            "*" => Op::Mul { a, b, c },
            "/" => Op::Div { a, b, c },
            "%" => Op::Mod { a, b, c },
            _ => Op::Pow { a, b, c },
        };
        *left = Expr::new(Kind::Open(self.emit(op)));
        Ok(())
    }

    fn free_both(&mut self, left: &Expr, right: &Expr, b: u16, c: u16) {
        if b > c {
            self.free_expr(left);
            self.free_expr(right);
        } else {
            self.free_expr(right);
            self.free_expr(left);
        }
    }

    fn comparison(&mut self, left: &mut Expr, right: &mut Expr, swap: bool, make: fn(u16, u16) -> Op) -> Result<()> {
        let b = self.load_operand(left)?;
        let c = self.load_operand(right)?;
        self.free_expr(right);
        self.free_expr(left);
        self.emit(if swap { make(c, b) } else { make(b, c) });
        let jump = self.jump();
        // Jumps that were pending here go with the new one.
        let (last, earlier) = jump.split_last().map_or((0, &[][..]), |(l, e)| (*l, e));
        self.function().jumps_here.extend_from_slice(earlier);
        *left = Expr::new(Kind::Jump(last));
        Ok(())
    }

    fn simple(&mut self) -> Result<Expr> {
        let kind = match std::mem::replace(&mut self.lexer.token, Token::End) {
            Token::Num(n) => Kind::Num(n),
            Token::Str(s) => Kind::Constant(self.constant(ConstantKey::Str(s))),
            Token::Sym("nil") => Kind::Nil,
            Token::Sym("true") => Kind::True,
            Token::Sym("false") => Kind::False,
            other => {
                self.lexer.token = other;
                return self.other_simple();
            }
        };
        self.lexer.next()?;
        Ok(Expr::new(kind))
    }

    fn other_simple(&mut self) -> Result<Expr> {
        if self.is("...") {
            if !self.function().proto.vararg {
                return Err(self.lexer.error("cannot use '...' outside a vararg function"));
            }
            self.function().proto.needs_arg = false;
            self.lexer.next()?;
            return Ok(Expr::new(Kind::VarArg(self.emit(Op::VarArg { a: 0, b: 1 }))));
        }
        if self.is("{") {
            return self.constructor();
        }
        if self.is("function") {
            self.lexer.next()?;
            let line = self.lexer.line;
            return self.body(false, line);
        }
        self.primary()
    }

    fn variable(&mut self, name: Vec<u8>) -> Result<Expr> {
        Ok(Expr::new(match self.bind(&name)? {
            Binding::Local(register) => Kind::Local(register),
            Binding::Upval(n) => Kind::Upval(n),
            Binding::Global => Kind::Global(self.constant(ConstantKey::Str(name))),
        }))
    }

    pub(super) fn single_variable(&mut self) -> Result<Expr> {
        let name = self.name()?;
        self.variable(name)
    }

    pub(super) fn primary(&mut self) -> Result<Expr> {
        let mut e = if self.is("(") {
            let line = self.lexer.line;
            self.lexer.next()?;
            let mut e = self.expr()?;
            self.expect_match(")", "(", line)?;
            self.discharge(&mut e);
            e
        } else if let Token::Name(_) = self.lexer.token {
            self.single_variable()?
        } else {
            return Err(self.lexer.error("unexpected symbol"));
        };
        loop {
            match &self.lexer.token {
                Token::Sym(".") => self.field(&mut e)?,
                Token::Sym("[") => {
                    let table = self.load_any(&mut e)?;
                    let mut key = self.index()?;
                    let key = self.load_operand(&mut key)?;
                    e = Expr::new(Kind::Indexed { table, key });
                }
                Token::Sym(":") => {
                    self.lexer.next()?;
                    let mut key = self.name_constant()?;
                    self.method(&mut e, &mut key)?;
                    self.arguments(&mut e)?;
                }
                Token::Sym("(" | "{") | Token::Str(_) => {
                    self.load_next(&mut e)?;
                    self.arguments(&mut e)?;
                }
                _ => return Ok(e),
            }
        }
    }

    fn name_constant(&mut self) -> Result<Expr> {
        let name = self.name()?;
        Ok(Expr::new(Kind::Constant(self.constant(ConstantKey::Str(name)))))
    }

    /// `.name`
    pub(super) fn field(&mut self, e: &mut Expr) -> Result<()> {
        let table = self.load_any(e)?;
        self.lexer.next()?;
        let mut key = self.name_constant()?;
        let key = self.load_operand(&mut key)?;
        *e = Expr::new(Kind::Indexed { table, key });
        Ok(())
    }

    /// `[expr]`
    fn index(&mut self) -> Result<Expr> {
        self.lexer.next()?;
        let mut key = self.expr()?;
        self.load_value(&mut key)?;
        self.expect("]")?;
        Ok(key)
    }

    fn arguments(&mut self, f: &mut Expr) -> Result<()> {
        let line = self.lexer.line;
        let mut args = Expr::new(Kind::Void);
        match std::mem::replace(&mut self.lexer.token, Token::End) {
            Token::Sym("(") => {
                if line != self.lexer.last_line {
                    self.lexer.token = Token::Sym("(");
                    return Err(self.lexer.error("ambiguous syntax (function call x new statement)"));
                }
                self.lexer.next()?;
                if !self.is(")") {
                    args = self.expr_list()?.0;
                    self.set_results(&args, -1)?;
                }
                self.expect_match(")", "(", line)?;
            }
            Token::Sym("{") => {
                self.lexer.token = Token::Sym("{");
                args = self.constructor()?;
            }
            Token::Str(s) => {
                args = Expr::new(Kind::Constant(self.constant(ConstantKey::Str(s))));
                self.lexer.next()?;
            }
            other => {
                self.lexer.token = other;
                return Err(self.lexer.error("function arguments expected"));
            }
        }
        let Kind::Register(base) = f.kind else { return Ok(()) };
        let b = if args.is_multiple() {
            0
        } else {
            if args.kind != Kind::Void {
                self.load_next(&mut args)?;
            }
            (self.function().free - usize::from(base)) as u16
        };
        *f = Expr::new(Kind::Call(self.emit(Op::Call { a: base, b, c: 2 })));
        self.fix_line(line);
        self.function().free = usize::from(base) + 1;
        Ok(())
    }

    /// Expressions with commas; the last one is left open. Also how many there are.
    pub(super) fn expr_list(&mut self) -> Result<(Expr, usize)> {
        let mut n = 1;
        let mut e = self.expr()?;
        while self.accept(",")? {
            self.load_next(&mut e)?;
            e = self.expr()?;
            n += 1;
        }
        Ok((e, n))
    }

    fn constructor(&mut self) -> Result<Expr> {
        let line = self.lexer.line;
        let pc = self.emit(Op::NewTable { a: 0, arr: 0, hash: 0 });
        let mut table = Expr::new(Kind::Open(pc));
        self.load_next(&mut table)?;
        let Kind::Register(base) = table.kind else { return Ok(table) };
        let mut item = Expr::new(Kind::Void);
        let (mut stored, mut pending, mut hash) = (0usize, 0usize, 0usize);
        self.expect("{")?;
        while !self.is("}") {
            if item.kind != Kind::Void {
                self.load_next(&mut item)?;
                item.kind = Kind::Void;
                if pending == FIELDS_PER_FLUSH {
                    stored += pending;
                    self.flush(base, pending as u16, stored);
                    pending = 0;
                }
            }
            let named = match &self.lexer.token {
                Token::Name(_) => *self.lexer.look_ahead()? == Token::Sym("="),
                Token::Sym("[") => true,
                _ => false,
            };
            if named {
                self.record_field(base)?;
                hash += 1;
            } else {
                item = self.expr()?;
                pending += 1;
            }
            if !self.accept(",")? && !self.accept(";")? {
                break;
            }
        }
        self.expect_match("}", "{", line)?;
        if pending > 0 {
            if item.is_multiple() {
                self.set_results(&item, -1)?;
                stored += pending;
                self.flush(base, 0, stored);
                stored -= 1;
            } else {
                if item.kind != Kind::Void {
                    self.load_next(&mut item)?;
                }
                stored += pending;
                self.flush(base, pending as u16, stored);
            }
        }
        if let Some(Op::NewTable { arr, hash: h, .. }) = self.function().proto.code.get_mut(pc) {
            *arr = round_size(stored).min(usize::from(u16::MAX)) as u16;
            *h = hash.min(usize::from(u16::MAX)) as u16;
        }
        Ok(table)
    }

    fn flush(&mut self, base: u8, n: u16, stored: usize) {
        let block = ((stored.max(1) - 1) / FIELDS_PER_FLUSH + 1) as u32;
        self.emit(Op::SetList { a: base, n, block });
        self.function().free = usize::from(base) + 1;
    }

    fn record_field(&mut self, table: u8) -> Result<()> {
        let free = self.function().free;
        let mut key = if self.is("[") { self.index()? } else { self.name_constant()? };
        self.expect("=")?;
        let b = self.load_operand(&mut key)?;
        let mut value = self.expr()?;
        let c = self.load_operand(&mut value)?;
        self.emit(Op::SetTable { a: table, b, c });
        self.function().free = free;
        Ok(())
    }

    /// A function's parameters and body.
    pub(super) fn body(&mut self, method: bool, line: u32) -> Result<Expr> {
        self.enter()?;
        self.open_function(line);
        self.expect("(")?;
        if method {
            self.declare(b"self")?;
            self.activate();
        }
        self.parameters()?;
        self.expect(")")?;
        self.chunk()?;
        self.expect_match("end", "function", line)?;
        let proto = self.close_function();
        let function = self.function();
        let k = function.proto.protos.len() as u32;
        function.proto.protos.push(Rc::new(proto));
        self.leave();
        Ok(Expr::new(Kind::Open(self.emit(Op::Closure { a: 0, k }))))
    }

    fn parameters(&mut self) -> Result<()> {
        while !self.is(")") {
            if self.accept("...")? {
                self.declare(b"arg")?;
                let proto = &mut self.function().proto;
                proto.vararg = true;
                proto.needs_arg = true;
                break;
            }
            if !matches!(self.lexer.token, Token::Name(_)) {
                return Err(self.lexer.error("<name> or '...' expected"));
            }
            let name = self.name()?;
            self.declare(&name)?;
            if !self.accept(",")? {
                break;
            }
            if self.is(")") {
                return Err(self.lexer.error("<name> or '...' expected"));
            }
        }
        self.activate();
        let function = self.function();
        let n = function.locals();
        function.proto.params = (n - usize::from(function.proto.vararg)) as u8;
        self.reserve(n)
    }
}

/// What is known now is computed now, unless it is no number.
fn fold(symbol: &str, x: f64, y: f64) -> Option<f64> {
    let n = match symbol {
        "+" => x + y,
        "-" => x - y,
        "*" => x * y,
        "/" if y != 0.0 => x / y,
        "%" if y != 0.0 => crate::vm::arith::modulo(x, y),
        "^" => libm::pow(x, y),
        _ => return None,
    };
    (!n.is_nan()).then_some(n)
}

/// A size as Lua's instruction keeps it: three bits behind the first.
fn round_size(n: usize) -> usize {
    let (mut n, mut exponent) = (n, 0);
    while n >= 16 {
        n = n.div_ceil(2);
        exponent += 1;
    }
    n << exponent
}
