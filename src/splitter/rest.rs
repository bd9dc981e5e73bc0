//! The half that comes behind: what did not run. It brings no state: memory, tables and globals are the primary half's.

use crate::Failure;
use crate::rewrite::{self, Callee};
use crate::split::{PRIMARY, Split};
use std::collections::BTreeMap;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{CodeSection, ConstExpr, ElementSection, Elements, EntityType, FunctionSection, ImportSection};

/// The module that holds the rest.
pub fn encode(split: &Split<'_>) -> Result<Vec<u8>, Failure> {
    let numbers: BTreeMap<u32, u32> = split.shared.iter().chain(&split.moved).copied().zip(0..).collect();
    let mut functions = FunctionSection::new();
    for function in &split.moved {
        functions.function(split.module.type_of(*function)?.0);
    }
    let mut code = CodeSection::new();
    for body in split.moved.iter().filter_map(|function| split.module.body(*function)) {
        rewrite::body(&mut code, body, &[], |function| numbers.get(&function).copied().map(Callee::Direct))?;
    }
    let mut written = wasm_encoder::Module::new();
    written.section(&rewrite::types(&split.module)?).section(&imports(split)?).section(&functions);
    written.section(&elements(split, &numbers)).section(&code);
    Ok(written.finish())
}

/// In the order in which the primary half exports them.
fn imports(split: &Split<'_>) -> Result<ImportSection, Failure> {
    let mut same = RoundtripReencoder;
    let mut kinds: Vec<EntityType> = Vec::new();
    for function in &split.shared {
        kinds.push(EntityType::Function(split.module.type_of(*function)?.0));
    }
    kinds.push(EntityType::Memory(same.memory_type(split.module.memory)?));
    for (index, table) in split.module.tables.iter().enumerate() {
        let mut kind = same.table_type(table.ty)?;
        if index == 0 {
            kind.minimum = split.table_size();
            kind.maximum = kind.maximum.map(|maximum| maximum + split.added.1.len() as u64);
        }
        kinds.push(EntityType::Table(kind));
    }
    for global in &split.module.globals {
        kinds.push(EntityType::Global(same.global_type(global.ty)?));
    }
    let mut section = ImportSection::new();
    for (nth, kind) in kinds.into_iter().enumerate() {
        section.import(PRIMARY, &Split::export_name(nth), kind);
    }
    Ok(section)
}

/// The slots that the rest takes over, neighbours together.
fn elements(split: &Split<'_>, numbers: &BTreeMap<u32, u32>) -> ElementSection {
    let listed = split.module.elements.iter().map(|(first, functions)| (*first, functions));
    let mut taken: BTreeMap<u32, u32> = BTreeMap::new();
    for (first, functions) in listed.chain([(split.added.0, &split.added.1)]) {
        let own = |(slot, function): (u32, &u32)| {
            split.moved.contains(function).then(|| Some((slot, *numbers.get(function)?))).flatten()
        };
        taken.extend((first..).zip(functions).filter_map(own));
    }
    let mut section = ElementSection::new();
    let mut slots = taken.into_iter().peekable();
    while let Some((first, function)) = slots.next() {
        let mut run = vec![function];
        while let Some((_, function)) = slots.next_if(|(slot, _)| *slot == first + run.len() as u32) {
            run.push(function);
        }
        section.active(None, &ConstExpr::i32_const(first.cast_signed()), Elements::Functions((&run).into()));
    }
    section
}
