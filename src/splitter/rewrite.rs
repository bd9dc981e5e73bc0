//! What all written modules share: sections that stay as they are, and bodies with other functions' numbers.

use crate::Failure;
use crate::module::Module;
use wasm_encoder::reencode::{Error, Reencode, RoundtripReencoder};
use wasm_encoder::{CodeSection, ConstExpr, DataSection, Function, Instruction, TypeSection};
use wasmparser::{FunctionBody, Operator};

/// A page of memory, in bytes.
pub const PAGE: u64 = 64 << 10;

/// Where a call leads in the module that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callee {
    /// To a function of that number.
    Direct(u32),
    /// Through a slot of the first table, as a type.
    Slot(u32, u32),
}

/// Appends a body whose calls lead where `callee` says.
pub fn body(
    code: &mut CodeSection,
    body: &FunctionBody<'_>,
    prefix: &[Instruction<'_>],
    callee: impl Fn(u32) -> Option<Callee>,
) -> Result<(), Failure> {
    let mut same = RoundtripReencoder;
    let mut function: Function = same.new_function_with_parsed_locals(body)?;
    for instruction in prefix {
        function.instruction(instruction);
    }
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::Call { function_index } => match callee(function_index) {
                Some(Callee::Direct(index)) => function.instruction(&Instruction::Call(index)),
                Some(Callee::Slot(slot, kind)) => {
                    function.instruction(&Instruction::I32Const(slot.cast_signed()));
                    function.instruction(&Instruction::CallIndirect { type_index: kind, table_index: 0 })
                }
                None => return Err(Failure(format!("function {function_index} is called and in neither half"))),
            },
            operator => function.instruction(&same.instruction(operator)?),
        };
    }
    code.function(&function);
    Ok(())
}

/// The types, as they are.
pub fn types(module: &Module<'_>) -> Result<TypeSection, Failure> {
    let mut section = TypeSection::new();
    for kind in &module.types {
        section.ty().func_type(&RoundtripReencoder.func_type(kind.clone())?);
    }
    Ok(section)
}

/// The data, as it is.
pub fn data(module: &Module<'_>) -> Result<DataSection, Failure> {
    let mut section = DataSection::new();
    if let Some(data) = module.data.clone() {
        RoundtripReencoder.parse_data_section(&mut section, data)?;
    }
    Ok(section)
}

/// A constant expression, as it is.
pub fn constant(expression: wasmparser::ConstExpr<'_>) -> Result<ConstExpr, Failure> {
    Ok(RoundtripReencoder.const_expr(expression).map_err(|error: Error| error)?)
}
