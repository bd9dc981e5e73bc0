//! Both halves of a small module are valid, and meet where they should.

use crate::module::Module;
use crate::split::{PRIMARY, Split};
use crate::{primary, rest, trace};
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function, FunctionSection,
    GlobalSection, GlobalType, ImportSection, Instruction, MemorySection, MemoryType, RefType, TableSection, TableType,
    TypeSection, ValType,
};
use wasmparser::{TypeRef, Validator};

const LOADER: u32 = 0;
const DOOR: u32 = 1;
const HOT: u32 = 2;
const COLD: u32 = 3;
const COLDER: u32 = 4;
const COLD_SLOT: i32 = 2;

/// Five functions: the loader, a door that calls `hot` and `cold`, both of them in the table, and `colder`, which `cold`
/// alone calls and which calls `hot`.
fn small() -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([], []);
    types.ty().function([ValType::I32], [ValType::I32]);
    let mut imports = ImportSection::new();
    imports.import("./glue.js", "__wbg_loadRest_1234", EntityType::Function(0));
    let mut functions = FunctionSection::new();
    for _ in DOOR..=COLDER {
        functions.function(1);
    }
    let mut tables = TableSection::new();
    let size = 3;
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        minimum: size,
        maximum: Some(size),
        table64: false,
        shared: false,
    });
    let mut memories = MemorySection::new();
    memories.memory(MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None });
    let mut globals = GlobalSection::new();
    globals.global(GlobalType { val_type: ValType::I32, mutable: true, shared: false }, &ConstExpr::i32_const(8));
    let mut exports = ExportSection::new();
    exports.export("door", ExportKind::Func, DOOR).export("memory", ExportKind::Memory, 0);
    let mut elements = ElementSection::new();
    elements.active(None, &ConstExpr::i32_const(1), Elements::Functions((&[HOT, COLD]).into()));
    let mut code = CodeSection::new();
    for callees in [&[HOT, COLD][..], &[], &[COLDER], &[HOT]] {
        let mut function = Function::new([]);
        function.instruction(&Instruction::LocalGet(0));
        for callee in callees {
            function.instruction(&Instruction::Call(*callee));
        }
        function.instruction(&Instruction::GlobalGet(0)).instruction(&Instruction::I32Add);
        function.instruction(&Instruction::End);
        code.function(&function);
    }
    let mut module = wasm_encoder::Module::new();
    module.section(&types).section(&imports).section(&functions).section(&tables).section(&memories);
    module.section(&globals).section(&exports).section(&elements).section(&code);
    module.finish()
}

/// `door` and `hot` ran.
const RAN: [u8; 5] = [0, 1, 1, 0, 0];

fn plan(bytes: &[u8]) -> Split<'_> {
    Split::plan(Module::read(bytes).unwrap(), &RAN, "__wbg_loadRest_").unwrap()
}

#[test]
fn the_traced_module_is_valid_and_has_room_for_its_marks() {
    let bytes = small();
    let module = Module::read(&bytes).unwrap();
    let traced = trace::trace(&module).unwrap();
    Validator::new().validate_all(&traced).unwrap();
    assert_eq!(trace::marks_at(&module), 64 << 10);
    assert_eq!(Module::read(&traced).unwrap().memory.initial, 2);
}

#[test]
fn what_did_not_run_is_moved_and_reached_through_the_table() {
    let bytes = small();
    let split = plan(&bytes);
    assert_eq!(split.moved.iter().copied().collect::<Vec<_>>(), [COLD, COLDER]);
    // `cold` has a slot already, and nothing of the primary half reaches `colder`.
    assert_eq!(split.slots.clone().into_iter().collect::<Vec<_>>(), [(COLD, COLD_SLOT.cast_unsigned())]);
    assert_eq!(split.shared, [HOT]);
    assert_eq!(split.loader, LOADER);
}

#[test]
fn both_halves_are_valid_and_fit() {
    let bytes = small();
    let split = plan(&bytes);
    let (first, second) = (primary::encode(&split).unwrap(), rest::encode(&split).unwrap());
    Validator::new().validate_all(&first).unwrap();
    // Its imports are checked against the first half when it is linked: here by hand.
    Validator::new().validate_all(&second).unwrap();
    let first = Module::read(&first).unwrap();
    let mut imports = Vec::new();
    for payload in wasmparser::Parser::new(0).parse_all(&second) {
        if let wasmparser::Payload::ImportSection(section) = payload.unwrap() {
            imports.extend(section.into_imports().map(Result::unwrap));
        }
    }
    assert_eq!(imports.len(), 4, "a function, the memory, the table, the global");
    for import in imports {
        assert_eq!(import.module, PRIMARY);
        let export = first.exports.iter().find(|export| export.name == import.name).unwrap();
        match import.ty {
            TypeRef::Func(kind) => assert_eq!(first.type_of(export.index).unwrap().0, kind),
            TypeRef::Table(table) => assert_eq!(first.tables[0].ty, table),
            TypeRef::Memory(memory) => assert_eq!(first.memory, memory),
            TypeRef::Global(global) => assert_eq!(first.globals[0].ty, global),
            other => panic!("{other:?}"),
        }
    }
    // The door, what it calls, and one stub.
    assert_eq!(first.bodies.len(), 3);
}

#[test]
fn a_module_without_the_loader_is_refused() {
    let bytes = small();
    let refused = Split::plan(Module::read(&bytes).unwrap(), &RAN, "somethingElse").err().unwrap();
    assert_eq!(refused.to_string(), "no import's name begins with somethingElse");
    let short = Split::plan(Module::read(&bytes).unwrap(), &RAN[..2], "__wbg_loadRest_").err().unwrap();
    assert_eq!(short.to_string(), "the trace is shorter than the module");
}
