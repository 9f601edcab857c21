//! The operations on the host beside the same in operations of tensors.

mod activation;
mod support;

mod channels;
mod conv;
mod dense;
mod density;
mod ends;
mod levels;
mod masked;
mod packed_matrix;
mod places;
mod pointwise;
mod triangular;
