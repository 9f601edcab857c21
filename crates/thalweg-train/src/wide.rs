use burn::tensor::DType;

/// The type to sum numbers of a type in: 64 bits for those of 64, else 32.
pub(crate) fn wide(dtype: DType) -> DType {
    match dtype {
        DType::F64 => DType::F64,
        _ => DType::F32,
    }
}
