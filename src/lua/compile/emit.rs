//! Instructions for expressions: where a value is, and how it gets into a register.

use super::function::ConstantKey;
use super::{Parser, Result};
use crate::op::{CONSTANT, Op};

/// Where an expression's value is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Void,
    Nil,
    True,
    False,
    Num(f64),
    Constant(u32),
    Local(u8),
    Upval(u8),
    Global(u32),
    Indexed {
        table: u8,
        key: u16,
    },
    /// The comparison's jump.
    Jump(usize),
    /// The instruction that makes it, its register still open.
    Open(usize),
    Register(u8),
    Call(usize),
    VarArg(usize),
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// Where its value is.
    pub kind: Kind,
    /// Jumps taken where it is true.
    pub yes: Vec<usize>,
    /// Jumps taken where it is false.
    pub no: Vec<usize>,
}

impl Expr {
    /// An expression without jumps.
    pub fn new(kind: Kind) -> Expr {
        Expr { kind, yes: Vec::new(), no: Vec::new() }
    }

    fn jumps(&self) -> bool {
        !self.yes.is_empty() || !self.no.is_empty()
    }

    /// A number known now.
    pub fn number(&self) -> Option<f64> {
        match self.kind {
            Kind::Num(n) if !self.jumps() => Some(n),
            _ => None,
        }
    }

    /// Whether it can give several values.
    pub fn is_multiple(&self) -> bool {
        matches!(self.kind, Kind::Call(_) | Kind::VarArg(_))
    }
}

/// No register.
const NONE: u8 = 255;

impl Parser<'_> {
    /// Adds an instruction; its place.
    pub(super) fn emit(&mut self, op: Op) -> usize {
        let line = self.lexer.last_line;
        let function = self.function();
        let pc = function.proto.code.len();
        let pending = std::mem::take(&mut function.jumps_here);
        self.patch(pending, pc, NONE, pc);
        let function = self.function();
        function.proto.code.push(op);
        function.proto.lines.push(line);
        pc
    }

    /// Corrects the line of the last instruction.
    pub(super) fn fix_line(&mut self, line: u32) {
        if let Some(last) = self.function().proto.lines.last_mut() {
            *last = line;
        }
    }

    pub(super) fn jump(&mut self) -> Vec<usize> {
        let mut here = std::mem::take(&mut self.function().jumps_here);
        here.push(self.emit(Op::Jmp { to: 0 }));
        here
    }

    /// This place, as one that is jumped to.
    pub(super) fn label(&mut self) -> usize {
        let pc = self.function().pc();
        self.function().target = Some(pc);
        pc
    }

    pub(super) fn patch_here(&mut self, list: Vec<usize>) {
        self.label();
        self.function().jumps_here.extend(list);
    }

    pub(super) fn patch_to(&mut self, list: Vec<usize>, target: usize) {
        if target == self.function().pc() {
            self.patch_here(list);
        } else {
            self.patch(list, target, NONE, target);
        }
    }

    /// Lets jumps that test a value go to `values` with it in `register`, others to `others`.
    fn patch(&mut self, list: Vec<usize>, values: usize, register: u8, others: usize) {
        for at in list {
            let target = if self.fix_test(at, register) { values } else { others };
            self.set_jump(at, target);
        }
    }

    pub(super) fn set_jump(&mut self, at: usize, target: usize) {
        let distance = target as i32 - (at as i32 + 1);
        if let Some(Op::Jmp { to } | Op::ForLoop { to, .. } | Op::ForPrep { to, .. }) =
            self.function().proto.code.get_mut(at)
        {
            *to = distance;
        }
    }

    /// The instruction that decides about a jump.
    fn control(&mut self, at: usize) -> usize {
        let code = &self.function().proto.code;
        let before = at.checked_sub(1);
        match before.and_then(|n| code.get(n)) {
            Some(Op::Eq { .. } | Op::Lt { .. } | Op::Le { .. } | Op::Test { .. } | Op::TestSet { .. }) => at - 1,
            _ => at,
        }
    }

    /// Gives a testing jump its register. False if the jump has no value.
    fn fix_test(&mut self, at: usize, register: u8) -> bool {
        let control = self.control(at);
        let Some(op) = self.function().proto.code.get_mut(control) else { return false };
        let Op::TestSet { a, b, want } = op else { return false };
        if register != NONE && register != *b {
            *a = register;
        } else {
            *op = Op::Test { a: *b, want: *want };
        }
        true
    }

    fn needs_value(&mut self, list: &[usize]) -> bool {
        list.iter().any(|at| {
            let control = self.control(*at);
            !matches!(self.function().proto.code.get(control), Some(Op::TestSet { .. }))
        })
    }

    /// Fixes how many values an open call or `...` gives.
    pub(super) fn set_results(&mut self, e: &Expr, n: i32) -> Result<()> {
        let count = (n + 1) as u16;
        match e.kind {
            Kind::Call(at) => {
                if let Some(Op::Call { c, .. }) = self.function().proto.code.get_mut(at) {
                    *c = count;
                }
            }
            Kind::VarArg(at) => {
                let free = self.function().free as u8;
                if let Some(Op::VarArg { a, b }) = self.function().proto.code.get_mut(at) {
                    *b = count;
                    *a = free;
                }
                self.reserve(1)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Makes sure that the value is no variable any more.
    pub(super) fn discharge(&mut self, e: &mut Expr) {
        e.kind = match e.kind {
            Kind::Local(register) => Kind::Register(register),
            Kind::Upval(b) => Kind::Open(self.emit(Op::GetUpval { a: 0, b })),
            Kind::Global(k) => Kind::Open(self.emit(Op::GetGlobal { a: 0, k })),
            Kind::Indexed { table, key } => {
                self.release(key);
                self.release(u16::from(table));
                Kind::Open(self.emit(Op::GetTable { a: 0, b: table, c: key }))
            }
            Kind::Call(at) => match self.function().proto.code.get_mut(at) {
                Some(Op::Call { a, c, .. }) => {
                    *c = 2;
                    Kind::Register(*a)
                }
                _ => Kind::Nil,
            },
            Kind::VarArg(at) => {
                if let Some(Op::VarArg { b, .. }) = self.function().proto.code.get_mut(at) {
                    *b = 2;
                }
                Kind::Open(at)
            }
            other => other,
        };
    }

    fn set_target(&mut self, at: usize, register: u8) {
        if let Some(
            Op::GetUpval { a, .. }
            | Op::GetGlobal { a, .. }
            | Op::GetTable { a, .. }
            | Op::NewTable { a, .. }
            | Op::Add { a, .. }
            | Op::Sub { a, .. }
            | Op::Mul { a, .. }
            | Op::Div { a, .. }
            | Op::Mod { a, .. }
            | Op::Pow { a, .. }
            | Op::Unm { a, .. }
            | Op::Not { a, .. }
            | Op::Len { a, .. }
            | Op::Concat { a, .. }
            | Op::Closure { a, .. }
            | Op::VarArg { a, .. },
        ) = self.function().proto.code.get_mut(at)
        {
            *a = register;
        }
    }

    fn discharge_to(&mut self, e: &mut Expr, register: u8) {
        self.discharge(e);
        match e.kind {
            Kind::Nil => self.emit_nil(register, 1),
            Kind::True | Kind::False => {
                self.emit(Op::LoadBool { a: register, value: e.kind == Kind::True, skip: false });
            }
            Kind::Constant(k) => {
                self.emit(Op::LoadK { a: register, k });
            }
            Kind::Num(n) => {
                let k = self.constant(ConstantKey::Num(n.to_bits()));
                self.emit(Op::LoadK { a: register, k });
            }
            Kind::Open(at) => self.set_target(at, register),
            Kind::Register(from) if from != register => {
                self.emit(Op::Move { a: register, b: from });
            }
            Kind::Void | Kind::Jump(_) => return,
            _ => {}
        }
        e.kind = Kind::Register(register);
    }

    pub(super) fn emit_nil(&mut self, from: u8, n: u8) {
        let function = self.function();
        let last = from + n - 1;
        if function.target != Some(function.pc())
            && let Some(Op::LoadNil { a, b }) = function.proto.code.last_mut()
            && *a <= from
            && from <= *b + 1
        {
            *b = (*b).max(last);
            return;
        }
        self.emit(Op::LoadNil { a: from, b: last });
    }

    /// Brings the value into a register, with all jumps resolved.
    fn load_register(&mut self, e: &mut Expr, register: u8) {
        self.discharge_to(e, register);
        if let Kind::Jump(at) = e.kind {
            e.yes.push(at);
        }
        if e.jumps() {
            let (mut load_false, mut load_true) = (0, 0);
            let (yes, no) = (std::mem::take(&mut e.yes), std::mem::take(&mut e.no));
            if self.needs_value(&yes) || self.needs_value(&no) {
                let over = if matches!(e.kind, Kind::Jump(_)) { Vec::new() } else { self.jump() };
                self.label();
                load_false = self.emit(Op::LoadBool { a: register, value: false, skip: true });
                self.label();
                load_true = self.emit(Op::LoadBool { a: register, value: true, skip: false });
                self.patch_here(over);
            }
            let end = self.label();
            self.patch(no, end, register, load_false);
            self.patch(yes, end, register, load_true);
        }
        *e = Expr::new(Kind::Register(register));
    }

    pub(super) fn load_next(&mut self, e: &mut Expr) -> Result<()> {
        self.discharge(e);
        self.free_expr(e);
        self.reserve(1)?;
        let register = self.function().free - 1;
        self.load_register(e, register as u8);
        Ok(())
    }

    pub(super) fn load_any(&mut self, e: &mut Expr) -> Result<u8> {
        self.discharge(e);
        if let Kind::Register(register) = e.kind {
            if !e.jumps() {
                return Ok(register);
            }
            if usize::from(register) >= self.function().locals() {
                self.load_register(e, register);
                return Ok(register);
            }
        }
        self.load_next(e)?;
        match e.kind {
            Kind::Register(register) => Ok(register),
            _ => Ok(0),
        }
    }

    pub(super) fn load_value(&mut self, e: &mut Expr) -> Result<()> {
        if e.jumps() {
            self.load_any(e)?;
        } else {
            self.discharge(e);
        }
        Ok(())
    }

    /// A register or a constant.
    pub(super) fn load_operand(&mut self, e: &mut Expr) -> Result<u16> {
        self.load_value(e)?;
        let key = match e.kind {
            Kind::Nil => Some(ConstantKey::Nil),
            Kind::True => Some(ConstantKey::Bool(true)),
            Kind::False => Some(ConstantKey::Bool(false)),
            Kind::Num(n) => Some(ConstantKey::Num(n.to_bits())),
            _ => None,
        };
        let k = match (key, e.kind) {
            (Some(key), _) => Some(self.constant(key)),
            (None, Kind::Constant(k)) => Some(k),
            _ => None,
        };
        if let Some(k) = k {
            e.kind = Kind::Constant(k);
            if k < u32::from(u16::MAX - CONSTANT) {
                return Ok(k as u16 + CONSTANT);
            }
        }
        Ok(u16::from(self.load_any(e)?))
    }

    pub(super) fn free_expr(&mut self, e: &Expr) {
        if let Kind::Register(register) = e.kind {
            self.release(u16::from(register));
        }
    }

    /// Assigns.
    pub(super) fn store(&mut self, target: &Expr, value: &mut Expr) -> Result<()> {
        match target.kind {
            Kind::Local(register) => {
                self.free_expr(value);
                self.load_register(value, register);
                return Ok(());
            }
            Kind::Upval(b) => {
                let a = self.load_any(value)?;
                self.emit(Op::SetUpval { a, b });
            }
            Kind::Global(k) => {
                let a = self.load_any(value)?;
                self.emit(Op::SetGlobal { a, k });
            }
            Kind::Indexed { table, key } => {
                let c = self.load_operand(value)?;
                self.emit(Op::SetTable { a: table, b: key, c });
            }
            _ => {}
        }
        self.free_expr(value);
        Ok(())
    }

    /// `e:key`, ready to be called.
    pub(super) fn method(&mut self, e: &mut Expr, key: &mut Expr) -> Result<()> {
        self.load_any(e)?;
        self.free_expr(e);
        let Kind::Register(object) = e.kind else { return Ok(()) };
        let a = self.function().free as u8;
        self.reserve(2)?;
        let c = self.load_operand(key)?;
        self.emit(Op::Method { a, b: object, c });
        self.free_expr(key);
        e.kind = Kind::Register(a);
        Ok(())
    }

    fn invert(&mut self, at: usize) {
        let control = self.control(at);
        if let Some(Op::Eq { want, .. } | Op::Lt { want, .. } | Op::Le { want, .. }) =
            self.function().proto.code.get_mut(control)
        {
            *want = !*want;
        }
    }

    fn jump_if(&mut self, e: &mut Expr, want: bool) -> Result<Vec<usize>> {
        if let Kind::Open(at) = e.kind
            && let Some(Op::Not { b, .. }) = self.function().proto.code.get(at).copied()
        {
            // The test is turned round instead.
            self.function().proto.code.pop();
            self.function().proto.lines.pop();
            self.emit(Op::Test { a: b, want: !want });
            return Ok(self.jump());
        }
        if !matches!(e.kind, Kind::Register(_)) {
            self.reserve(1)?;
            let register = self.function().free - 1;
            self.discharge_to(e, register as u8);
        }
        self.free_expr(e);
        let Kind::Register(b) = e.kind else { return Ok(Vec::new()) };
        self.emit(Op::TestSet { a: NONE, b, want });
        Ok(self.jump())
    }

    /// Goes on where the value is true, jumps where it is false.
    pub(super) fn go_if_true(&mut self, e: &mut Expr) -> Result<()> {
        self.discharge(e);
        let jump = match e.kind {
            Kind::Constant(_) | Kind::Num(_) | Kind::True => Vec::new(),
            Kind::False => self.jump(),
            Kind::Jump(at) => {
                self.invert(at);
                vec![at]
            }
            _ => self.jump_if(e, false)?,
        };
        e.no.extend(jump);
        let yes = std::mem::take(&mut e.yes);
        self.patch_here(yes);
        Ok(())
    }

    /// Goes on where the value is false, jumps where it is true.
    pub(super) fn go_if_false(&mut self, e: &mut Expr) -> Result<()> {
        self.discharge(e);
        let jump = match e.kind {
            Kind::Nil | Kind::False => Vec::new(),
            Kind::True => self.jump(),
            Kind::Jump(at) => vec![at],
            _ => self.jump_if(e, true)?,
        };
        e.yes.extend(jump);
        let no = std::mem::take(&mut e.no);
        self.patch_here(no);
        Ok(())
    }

    /// `not e`
    pub(super) fn negate(&mut self, e: &mut Expr) -> Result<()> {
        self.discharge(e);
        e.kind = match e.kind {
            Kind::Nil | Kind::False => Kind::True,
            Kind::Constant(_) | Kind::Num(_) | Kind::True => Kind::False,
            Kind::Jump(at) => {
                self.invert(at);
                Kind::Jump(at)
            }
            _ => {
                if !matches!(e.kind, Kind::Register(_)) {
                    self.reserve(1)?;
                    let register = self.function().free - 1;
                    self.discharge_to(e, register as u8);
                }
                self.free_expr(e);
                let Kind::Register(b) = e.kind else { return Ok(()) };
                Kind::Open(self.emit(Op::Not { a: 0, b }))
            }
        };
        std::mem::swap(&mut e.yes, &mut e.no);
        for list in [e.yes.clone(), e.no.clone()] {
            for at in list {
                self.fix_test(at, NONE);
            }
        }
        Ok(())
    }
}
