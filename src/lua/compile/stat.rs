//! Statements.

use super::emit::{Expr, Kind};
use super::function::ConstantKey;
use super::lexer::Token;
use super::{Parser, Result};
use crate::op::Op;

impl Parser<'_> {
    fn block_ends(&self) -> bool {
        matches!(self.lexer.token, Token::Sym("else" | "elseif" | "end" | "until") | Token::End)
    }

    /// Statements up to the end of a block.
    pub(super) fn chunk(&mut self) -> Result<()> {
        self.enter()?;
        let mut last = false;
        while !last && !self.block_ends() {
            last = self.statement()?;
            self.accept(";")?;
            let function = self.function();
            function.free = function.locals();
        }
        self.leave();
        Ok(())
    }

    fn block(&mut self) -> Result<()> {
        self.open_block(false);
        self.chunk()?;
        self.close_block();
        Ok(())
    }

    /// A statement. True if it must be the last one.
    fn statement(&mut self) -> Result<bool> {
        let line = self.lexer.line;
        let Token::Sym(symbol) = self.lexer.token else {
            self.expr_statement()?;
            return Ok(false);
        };
        match symbol {
            "if" => self.if_statement(line)?,
            "while" => self.while_statement(line)?,
            "do" => {
                self.lexer.next()?;
                self.block()?;
                self.expect_match("end", "do", line)?;
            }
            "for" => self.for_statement(line)?,
            "repeat" => self.repeat_statement(line)?,
            "function" => self.function_statement(line)?,
            "local" => {
                self.lexer.next()?;
                if self.accept("function")? { self.local_function()? } else { self.local_statement()? }
            }
            "return" => {
                self.return_statement()?;
                return Ok(true);
            }
            "break" => {
                self.lexer.next()?;
                self.break_statement()?;
                return Ok(true);
            }
            _ => self.expr_statement()?,
        }
        Ok(false)
    }

    /// A condition; the jumps to be taken where it does not hold.
    fn condition(&mut self) -> Result<Vec<usize>> {
        let mut e = self.expr()?;
        if e.kind == Kind::Nil {
            e.kind = Kind::False;
        }
        self.go_if_true(&mut e)?;
        Ok(e.no)
    }

    fn if_statement(&mut self, line: u32) -> Result<()> {
        let mut ends = Vec::new();
        let mut otherwise = self.test_then()?;
        loop {
            if self.is("elseif") {
                ends.extend(self.jump());
                self.patch_here(otherwise);
                otherwise = self.test_then()?;
            } else if self.accept("else")? {
                ends.extend(self.jump());
                self.patch_here(std::mem::take(&mut otherwise));
                self.block()?;
                break;
            } else {
                break;
            }
        }
        ends.extend(otherwise);
        self.patch_here(ends);
        self.expect_match("end", "if", line)
    }

    fn test_then(&mut self) -> Result<Vec<usize>> {
        self.lexer.next()?;
        let no = self.condition()?;
        self.expect("then")?;
        self.block()?;
        Ok(no)
    }

    fn while_statement(&mut self, line: u32) -> Result<()> {
        self.lexer.next()?;
        let start = self.label();
        let exit = self.condition()?;
        self.open_block(true);
        self.expect("do")?;
        self.block()?;
        let back = self.jump();
        self.patch_to(back, start);
        self.expect_match("end", "while", line)?;
        self.close_block();
        self.patch_here(exit);
        Ok(())
    }

    fn repeat_statement(&mut self, line: u32) -> Result<()> {
        self.lexer.next()?;
        let start = self.label();
        self.open_block(true);
        self.open_block(false);
        self.chunk()?;
        self.expect_match("until", "repeat", line)?;
        let exit = self.condition()?;
        let captured = self.function().blocks.last().is_some_and(|b| b.captured);
        if captured {
            // The variables are closed on both ways out.
            self.break_statement()?;
            self.patch_here(exit);
            self.close_block();
            let back = self.jump();
            self.patch_to(back, start);
        } else {
            self.close_block();
            self.patch_to(exit, start);
        }
        self.close_block();
        Ok(())
    }

    fn break_statement(&mut self) -> Result<()> {
        let function = self.function();
        let mut captured = false;
        let found = function.blocks.iter().rposition(|b| {
            if !b.breakable {
                captured |= b.captured;
            }
            b.breakable
        });
        let Some(at) = found else { return Err(self.lexer.error("no loop to break")) };
        let outer = function.blocks[at].outer;
        if captured {
            self.emit(Op::Close { a: outer as u8 });
        }
        let jump = self.jump();
        self.function().blocks[at].breaks.extend(jump);
        Ok(())
    }

    fn for_statement(&mut self, line: u32) -> Result<()> {
        self.open_block(true);
        self.lexer.next()?;
        let name = self.name()?;
        if self.is("=") {
            self.numeric_for(&name, line)?;
        } else if self.is(",") || self.is("in") {
            self.generic_for(&name, line)?;
        } else {
            return Err(self.lexer.error("'=' or 'in' expected"));
        }
        self.expect_match("end", "for", line)?;
        self.close_block();
        Ok(())
    }

    fn next_value(&mut self) -> Result<()> {
        let mut e = self.expr()?;
        self.load_next(&mut e)
    }

    fn numeric_for(&mut self, name: &[u8], line: u32) -> Result<()> {
        let base = self.function().free as u8;
        for hidden in ["(for index)", "(for limit)", "(for step)"] {
            self.declare(hidden.as_bytes())?;
        }
        self.declare(name)?;
        self.lexer.next()?;
        self.next_value()?;
        self.expect(",")?;
        self.next_value()?;
        if self.accept(",")? {
            self.next_value()?;
        } else {
            let k = self.constant(ConstantKey::Num(1f64.to_bits()));
            let a = self.function().free as u8;
            self.emit(Op::LoadK { a, k });
            self.reserve(1)?;
        }
        self.for_body(base, line, 1, true)
    }

    fn generic_for(&mut self, name: &[u8], line: u32) -> Result<()> {
        let base = self.function().free as u8;
        for hidden in ["(for generator)", "(for state)", "(for control)"] {
            self.declare(hidden.as_bytes())?;
        }
        self.declare(name)?;
        let mut names = 1;
        while self.accept(",")? {
            let name = self.name()?;
            self.declare(&name)?;
            names += 1;
        }
        self.expect("in")?;
        let line_in = self.lexer.line;
        let (mut e, n) = self.expr_list()?;
        self.adjust(3, n, &mut e)?;
        self.check_registers(3)?;
        self.for_body(base, line_in.max(line), names, false)
    }

    fn for_body(&mut self, base: u8, line: u32, names: usize, numeric: bool) -> Result<()> {
        // The hidden variables become active first, then the visible ones in their own block.
        let function = self.function();
        let all = function.active.len();
        let from = all - names - 3;
        let pc = function.pc() as u32;
        for at in &function.active[from..from + 3] {
            function.proto.locals[*at].from = pc;
        }
        let visible = function.active.split_off(from + 3);
        function.pending = 0;
        self.expect("do")?;
        let prep = if numeric { vec![self.emit(Op::ForPrep { a: base, to: 0 })] } else { self.jump() };
        self.open_block(false);
        self.function().active.extend(visible);
        self.function().pending = names;
        self.activate();
        self.reserve(names)?;
        self.block()?;
        self.close_block();
        self.patch_here(prep.clone());
        let back = if numeric {
            let end = self.emit(Op::ForLoop { a: base, to: 0 });
            vec![end]
        } else {
            self.emit(Op::ForIn { a: base, count: names as u8 });
            self.fix_line(line);
            self.jump()
        };
        self.fix_line(line);
        for at in back {
            self.set_jump(at, prep.last().map_or(0, |p| p + 1));
        }
        Ok(())
    }

    /// Makes so many values of what a list of expressions gave.
    fn adjust(&mut self, wanted: usize, given: usize, e: &mut Expr) -> Result<()> {
        let missing = wanted as i32 - given as i32;
        if e.is_multiple() {
            let extra = (missing + 1).max(0);
            self.set_results(e, extra)?;
            if extra > 1 {
                self.reserve(extra as usize - 1)?;
            }
            return Ok(());
        }
        if e.kind != Kind::Void {
            self.load_next(e)?;
        }
        if missing > 0 {
            let from = self.function().free as u8;
            self.reserve(missing as usize)?;
            self.emit_nil(from, missing as u8);
        }
        Ok(())
    }

    fn function_statement(&mut self, line: u32) -> Result<()> {
        self.lexer.next()?;
        let mut target = self.single_variable()?;
        while self.is(".") {
            self.field(&mut target)?;
        }
        let method = self.is(":");
        if method {
            self.field(&mut target)?;
        }
        let mut body = self.body(method, line)?;
        self.store(&target, &mut body)?;
        self.fix_line(line);
        Ok(())
    }

    fn local_function(&mut self) -> Result<()> {
        let name = self.name()?;
        self.declare(&name)?;
        let register = self.function().free as u8;
        self.reserve(1)?;
        self.activate();
        let line = self.lexer.line;
        let mut body = self.body(false, line)?;
        self.store(&Expr::new(Kind::Local(register)), &mut body)?;
        let function = self.function();
        let pc = function.pc() as u32;
        if let Some(at) = function.active.last() {
            function.proto.locals[*at].from = pc;
        }
        Ok(())
    }

    fn local_statement(&mut self) -> Result<()> {
        let mut names = 0;
        loop {
            let name = self.name()?;
            self.declare(&name)?;
            names += 1;
            if !self.accept(",")? {
                break;
            }
        }
        let (mut e, given) = if self.accept("=")? { self.expr_list()? } else { (Expr::new(Kind::Void), 0) };
        self.adjust(names, given, &mut e)?;
        self.activate();
        Ok(())
    }

    fn return_statement(&mut self) -> Result<()> {
        self.lexer.next()?;
        let (mut first, mut count) = (0u8, 0usize);
        let mut multiple = false;
        if !self.block_ends() && !self.is(";") {
            let (mut e, n) = self.expr_list()?;
            if e.is_multiple() {
                self.set_results(&e, -1)?;
                first = self.function().locals() as u8;
                if n == 1
                    && let Kind::Call(at) = e.kind
                    && let Some(Op::Call { a, b, .. }) = self.function().proto.code.get(at).copied()
                {
                    self.function().proto.code[at] = Op::TailCall { a, b };
                }
                multiple = true;
            } else if n == 1 {
                first = self.load_any(&mut e)?;
                count = 1;
            } else {
                self.load_next(&mut e)?;
                first = self.function().locals() as u8;
                count = n;
            }
        }
        let b = if multiple { 0 } else { count as u16 + 1 };
        self.emit(Op::Return { a: first, b });
        Ok(())
    }

    fn expr_statement(&mut self) -> Result<()> {
        let target = self.primary()?;
        if let Kind::Call(at) = target.kind {
            if let Some(Op::Call { c, .. }) = self.function().proto.code.get_mut(at) {
                *c = 1;
            }
            return Ok(());
        }
        self.assignment(vec![target])
    }

    /// The rest of an assignment to several variables.
    fn assignment(&mut self, mut targets: Vec<Expr>) -> Result<()> {
        let assignable =
            |e: &Expr| matches!(e.kind, Kind::Local(_) | Kind::Upval(_) | Kind::Global(_) | Kind::Indexed { .. });
        if !targets.iter().all(assignable) {
            return Err(self.lexer.error("syntax error"));
        }
        while self.accept(",")? {
            let target = self.primary()?;
            if !assignable(&target) {
                return Err(self.lexer.error("syntax error"));
            }
            if let Kind::Local(register) = target.kind {
                self.check_conflict(&mut targets, register)?;
            }
            targets.push(target);
            if targets.len() > 200 {
                return Err(self.too_many(200, "variables in assignment"));
            }
        }
        self.expect("=")?;
        let (mut e, given) = self.expr_list()?;
        let wanted = targets.len();
        if given == wanted {
            // The last value need not go through a register of its own.
            if e.is_multiple() {
                self.discharge(&mut e);
            }
            if let Some(target) = targets.pop() {
                self.store(&target, &mut e)?;
            }
        } else {
            self.adjust(wanted, given, &mut e)?;
            if given > wanted {
                self.function().free -= given - wanted;
            }
        }
        while let Some(target) = targets.pop() {
            let register = self.function().free as u8 - 1;
            self.store(&target, &mut Expr::new(Kind::Register(register)))?;
        }
        Ok(())
    }

    /// A local variable is assigned to that an earlier target uses as table or key: that one gets a copy.
    fn check_conflict(&mut self, targets: &mut [Expr], register: u8) -> Result<()> {
        let copy = self.function().free as u8;
        let mut conflict = false;
        for target in targets {
            if let Kind::Indexed { table, key } = &mut target.kind {
                if *table == register {
                    conflict = true;
                    *table = copy;
                }
                if *key == u16::from(register) {
                    conflict = true;
                    *key = u16::from(copy);
                }
            }
        }
        if conflict {
            self.emit(Op::Move { a: copy, b: register });
            self.reserve(1)?;
        }
        Ok(())
    }
}
