//! The half that the page waits for: what ran, a stub for each function of the rest that is reached, and exports for it.

use crate::Failure;
use crate::rewrite::{self, Callee};
use crate::split::{Split, function_of};
use std::collections::BTreeMap;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, ExportKind, ExportSection, Function, FunctionSection,
    GlobalSection, ImportSection, Instruction, MemorySection, StartSection, TableSection,
};

/// The new numbers of what the half holds: imports, functions kept, stubs.
struct Numbers {
    functions: BTreeMap<u32, u32>,
    stubs: BTreeMap<u32, u32>,
}

impl Numbers {
    fn of(split: &Split<'_>) -> Numbers {
        let imported = 0..split.module.imported() as u32;
        let functions: BTreeMap<u32, u32> = imported.chain(split.kept()).zip(0..).collect();
        let stubs = split.slots.keys().copied().zip(functions.len() as u32..).collect();
        Numbers { functions, stubs }
    }

    /// The function itself, or its stub.
    fn either(&self, function: u32) -> Result<u32, Failure> {
        let found = self.functions.get(&function).or_else(|| self.stubs.get(&function));
        found.copied().ok_or_else(|| Failure(format!("function {function} is named and in neither half")))
    }
}

/// The primary module.
pub fn encode(split: &Split<'_>) -> Result<Vec<u8>, Failure> {
    let numbers = Numbers::of(split);
    let module = &split.module;
    let mut same = RoundtripReencoder;
    let mut imports = ImportSection::new();
    for import in &module.imports {
        imports.import(import.module, import.name, same.entity_type(import.ty)?);
    }
    let mut functions = FunctionSection::new();
    for function in split.kept().chain(split.slots.keys().copied()) {
        functions.function(module.type_of(function)?.0);
    }
    let mut memories = MemorySection::new();
    memories.memory(same.memory_type(module.memory)?);
    let mut globals = GlobalSection::new();
    for global in &module.globals {
        globals.global(same.global_type(global.ty)?, &rewrite::constant(global.init_expr.clone())?);
    }
    let mut written = wasm_encoder::Module::new();
    written.section(&rewrite::types(module)?).section(&imports).section(&functions).section(&tables(split)?);
    written.section(&memories).section(&globals).section(&exports(split, &numbers)?);
    if let Some(start) = module.start {
        written.section(&StartSection { function_index: numbers.either(start)? });
    }
    written.section(&elements(split, &numbers)?).section(&code(split, &numbers)?).section(&rewrite::data(module)?);
    Ok(written.finish())
}

fn tables(split: &Split<'_>) -> Result<TableSection, Failure> {
    let mut section = TableSection::new();
    for (index, table) in split.module.tables.iter().enumerate() {
        let mut kind = RoundtripReencoder.table_type(table.ty)?;
        if index == 0 {
            let added = split.added.1.len() as u64;
            kind.minimum += added;
            kind.maximum = kind.maximum.map(|maximum| maximum + added);
        }
        section.table(kind);
    }
    Ok(section)
}

fn exports(split: &Split<'_>, numbers: &Numbers) -> Result<ExportSection, Failure> {
    let mut section = ExportSection::new();
    for export in &split.module.exports {
        let index = function_of(export).map_or(Ok(export.index), |function| numbers.either(function))?;
        section.export(export.name, RoundtripReencoder.export_kind(export.kind)?, index);
    }
    let mut all = Vec::new();
    for function in &split.shared {
        all.push((ExportKind::Func, numbers.either(*function)?));
    }
    all.push((ExportKind::Memory, 0));
    all.extend((0..split.module.tables.len() as u32).map(|index| (ExportKind::Table, index)));
    all.extend((0..split.module.globals.len() as u32).map(|index| (ExportKind::Global, index)));
    for (nth, (kind, index)) in all.into_iter().enumerate() {
        section.export(&Split::export_name(nth), kind, index);
    }
    Ok(section)
}

fn elements(split: &Split<'_>, numbers: &Numbers) -> Result<ElementSection, Failure> {
    let mut section = ElementSection::new();
    let (first, added) = &split.added;
    for (slot, functions) in
        split.module.elements.iter().map(|(slot, functions)| (slot, functions)).chain([(first, added)])
    {
        let listed = functions.iter().map(|function| numbers.either(*function)).collect::<Result<Vec<u32>, _>>()?;
        section.active(None, &ConstExpr::i32_const(slot.cast_signed()), Elements::Functions((&listed).into()));
    }
    Ok(section)
}

fn code(split: &Split<'_>, numbers: &Numbers) -> Result<CodeSection, Failure> {
    let mut section = CodeSection::new();
    let callee = |function: u32| match numbers.functions.get(&function) {
        Some(index) => Some(Callee::Direct(*index)),
        None => split.through_slot(function).ok(),
    };
    for body in split.kept().filter_map(|function| split.module.body(function)) {
        rewrite::body(&mut section, body, &[], callee)?;
    }
    for (function, slot) in &split.slots {
        section.function(&stub(split, *function, *slot)?);
    }
    Ok(section)
}

/// Has the rest loaded, whose own function then lies in the slot, and calls that.
fn stub(split: &Split<'_>, function: u32, slot: u32) -> Result<Function, Failure> {
    let (type_index, kind) = split.module.type_of(function)?;
    let mut stub = Function::new([]);
    stub.instruction(&Instruction::Call(split.loader));
    for parameter in 0..kind.params().len() as u32 {
        stub.instruction(&Instruction::LocalGet(parameter));
    }
    stub.instruction(&Instruction::I32Const(slot.cast_signed()));
    stub.instruction(&Instruction::CallIndirect { type_index, table_index: 0 });
    stub.instruction(&Instruction::End);
    Ok(stub)
}
