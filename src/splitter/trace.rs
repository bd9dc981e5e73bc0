//! A module that marks which of its functions ran: a byte for each, in pages of its own behind the initial memory. No
//! program reaches them, because an allocator asks for pages behind them. So a run needs nothing but the module itself.

use crate::Failure;
use crate::module::Module;
use crate::rewrite::{self, Callee, PAGE};
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, ElementSection, Elements, ExportSection, FunctionSection, GlobalSection, ImportSection, Instruction,
    MemArg, MemorySection, StartSection, TableSection,
};

/// Where the marks begin.
pub fn marks_at(module: &Module<'_>) -> u64 {
    module.memory.initial * PAGE
}

/// The module with marks.
pub fn trace(module: &Module<'_>) -> Result<Vec<u8>, Failure> {
    let mut same = RoundtripReencoder;
    let mut imports = ImportSection::new();
    for import in &module.imports {
        imports.import(import.module, import.name, same.entity_type(import.ty)?);
    }
    let mut functions = FunctionSection::new();
    for kind in module.functions.iter().skip(module.imported()) {
        functions.function(*kind);
    }
    let mut tables = TableSection::new();
    for table in &module.tables {
        tables.table(same.table_type(table.ty)?);
    }
    let mut memory = same.memory_type(module.memory)?;
    memory.minimum += (module.functions.len() as u64).div_ceil(PAGE);
    let mut memories = MemorySection::new();
    memories.memory(memory);
    let mut globals = GlobalSection::new();
    for global in &module.globals {
        globals.global(same.global_type(global.ty)?, &rewrite::constant(global.init_expr.clone())?);
    }
    let mut exports = ExportSection::new();
    for export in &module.exports {
        exports.export(export.name, same.export_kind(export.kind)?, export.index);
    }
    let mut elements = ElementSection::new();
    for (slot, listed) in &module.elements {
        let at = wasm_encoder::ConstExpr::i32_const(slot.cast_signed());
        elements.active(None, &at, Elements::Functions(listed.into()));
    }
    let mut code = CodeSection::new();
    for (index, body) in (module.imported() as u32..).zip(&module.bodies) {
        let mark = MemArg { offset: marks_at(module), align: 0, memory_index: 0 };
        let marking =
            [Instruction::I32Const(index.cast_signed()), Instruction::I32Const(1), Instruction::I32Store8(mark)];
        rewrite::body(&mut code, body, &marking, |callee| Some(Callee::Direct(callee)))?;
    }
    let mut written = wasm_encoder::Module::new();
    written.section(&rewrite::types(module)?).section(&imports).section(&functions).section(&tables).section(&memories);
    written.section(&globals).section(&exports);
    if let Some(function_index) = module.start {
        written.section(&StartSection { function_index });
    }
    written.section(&elements).section(&code).section(&rewrite::data(module)?);
    Ok(written.finish())
}
