//! Which function goes into which half, and how the halves reach each other.
//!
//! The primary half calls the rest through slots of the first table. Until the rest has come a slot holds a stub, which
//! has it loaded and calls the slot again; when it comes, its own entries take the slots over. The rest calls the
//! primary half through its exports.

use crate::Failure;
use crate::module::Module;
use crate::rewrite::Callee;
use std::collections::{BTreeMap, BTreeSet};

/// Under which module name the rest imports from the primary half.
pub const PRIMARY: &str = "primary";

/// The plan.
pub struct Split<'a> {
    /// The module.
    pub module: Module<'a>,
    /// The functions of the rest.
    pub moved: BTreeSet<u32>,
    /// The slot of each moved function that is reached from outside the rest, or through the table.
    pub slots: BTreeMap<u32, u32>,
    /// The slots that the module did not have: first, and the functions in them.
    pub added: (u32, Vec<u32>),
    /// The functions that the rest calls and the primary half holds or imports.
    pub shared: Vec<u32>,
    /// The imported function that loads the rest.
    pub loader: u32,
}

impl<'a> Split<'a> {
    /// Plans the split: what did not run goes into the rest.
    pub fn plan(module: Module<'a>, ran: &[u8], loader: &str) -> Result<Split<'a>, Failure> {
        if ran.len() < module.functions.len() {
            return Err(Failure("the trace is shorter than the module".to_owned()));
        }
        let loader = module
            .imports
            .iter()
            .position(|import| import.name.starts_with(loader))
            .ok_or_else(|| Failure(format!("no import's name begins with {loader}")))? as u32;
        let kind = module.type_of(loader)?.1;
        if !(kind.params().is_empty() && kind.results().is_empty()) {
            return Err(Failure("the loader must take and give nothing".to_owned()));
        }
        let kept = |index: u32| ran.get(index as usize).is_some_and(|mark| *mark != 0) || module.start == Some(index);
        let defined = module.imported() as u32..module.functions.len() as u32;
        let moved: BTreeSet<u32> = defined.filter(|index| !kept(*index)).collect();
        let size = module.tables.first().map_or(0, |table| table.ty.initial);
        let size = u32::try_from(size).map_err(|_| Failure("the table is too large".to_owned()))?;
        let mut split =
            Split { module, moved, slots: BTreeMap::new(), added: (size, Vec::new()), shared: Vec::new(), loader };
        split.join()?;
        Ok(split)
    }

    /// Finds out which functions are reached from the other half.
    fn join(&mut self) -> Result<(), Failure> {
        for (first, functions) in &self.module.elements {
            for (slot, function) in (*first..).zip(functions) {
                if self.moved.contains(function) {
                    self.slots.entry(*function).or_insert(slot);
                }
            }
        }
        let mut called: BTreeSet<u32> = self.module.exports.iter().filter_map(function_of).collect();
        let mut shared = BTreeSet::new();
        for function in 0..self.module.functions.len() as u32 {
            let callees = self.module.callees(function)?;
            if self.moved.contains(&function) {
                shared.extend(callees.into_iter().filter(|callee| !self.moved.contains(callee)));
            } else {
                called.extend(callees);
            }
        }
        for function in called.into_iter().filter(|function| self.moved.contains(function)) {
            let next = self.added.0 + self.added.1.len() as u32;
            self.slots.entry(function).or_insert_with(|| {
                self.added.1.push(function);
                next
            });
        }
        self.shared = shared.into_iter().collect();
        Ok(())
    }

    /// The first table's size with the slots added.
    pub fn table_size(&self) -> u64 {
        u64::from(self.added.0) + self.added.1.len() as u64
    }

    /// The functions of the primary half that are not imported.
    pub fn kept(&self) -> impl Iterator<Item = u32> + '_ {
        (self.module.imported() as u32..self.module.functions.len() as u32)
            .filter(|function| !self.moved.contains(function))
    }

    /// Where a call to a moved function leads from the primary half.
    pub fn through_slot(&self, function: u32) -> Result<Callee, Failure> {
        let slot = self.slots.get(&function).ok_or_else(|| Failure(format!("function {function} has no slot")))?;
        Ok(Callee::Slot(*slot, self.module.type_of(function)?.0))
    }

    /// The name under which the primary half exports its `nth` shared function, and after those its memory, tables
    /// and globals. Numbers: nothing that wasm-bindgen exports is called so, and they are short.
    pub fn export_name(nth: usize) -> String {
        nth.to_string()
    }
}

/// The function that an export names.
pub fn function_of(export: &wasmparser::Export<'_>) -> Option<u32> {
    matches!(export.kind, wasmparser::ExternalKind::Func).then_some(export.index)
}
