#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! | function | computes | used by |
//! |---|---|---|
//! | [`dense`] | the layers of a multilayer perceptron | conditioners, encoders, decoders |
//! | [`convolutions`] | the layers of a convolutional network | conditioners of images |
//! | [`pointwise`] | [`AffineMap`] maps, [`Shift`]s, [`Spline`]s, each way, with their log-determinants | couplings |
//! | [`autoregress`] | a map of each feature given those before it | autoregressive layers |
//! | [`channel_scale`] | a scale and a shift for each feature | actnorm, standardization |
//! | [`channel_mix`] | one matrix at every position | 1×1 convolutions |
//! | [`plu`] | the factors of a matrix, one after the other, or its inverse by them | linear maps of wide vectors |
//! | [`gather`], [`view`], [`merge`] | parts of the features | splits |
//! | [`log_density`], [`bernoulli`] | sums of log-densities | base densities, likelihoods |
//!
//! [`Norm`], [`Magnitudes`] and [`scaled_dot`] tell how large numbers are, where they lie; [`scale_to`] makes
//! them as large as is wanted. [`read`] lends them to a function.
//!
//! [`PackedConvolutions`], [`PackedAutoregressive`], [`PackedMatrix`], [`PluRows`], [`mix_channels`],
//! [`apply_in_place`], [`most_single`] and [`most_double`] are functions of slices. [`share`] and [`share_whole`]
//! divide work among [`threads`], and [`vectorized`] compiles loops for each instruction set; [`SimdLevel`] is the
//! one in use.

mod activation;
mod bernoulli;
mod chain;
mod channel_mix;
mod channel_scale;
mod conv;
#[doc(hidden)]
pub mod counts;
mod dense;
mod density;
#[cfg(feature = "host")]
mod host;
#[cfg(feature = "host")]
mod layers;
#[cfg(test)]
#[path = "../tests/of_tensors/levels.rs"]
mod levels;
mod log_sum;
mod magnitude;
mod masked;
mod memory;
mod most;
mod number;
mod numerics;
mod packed_matrix;
mod places;
mod pointwise;
mod products;
mod row_blocks;
mod scale;
mod share;
#[cfg(feature = "host")]
mod share_pieces;
mod sum;
mod transpose;
mod triangular;
mod unrolled;
mod vectorized;

pub use activation::{Activation, activate, activate_with_slope, gates};
pub use bernoulli::bernoulli;
pub use channel_mix::{channel_mix, mix_channels};
pub use channel_scale::{Order, channel_scale, scale_in_place};
pub use conv::{Activate, Conv, PackedConvolutions, convolutions};
pub use dense::{Dense, dense};
pub use density::{Density, HALF_LN_TAU, log_density};
pub use log_sum::LogSum;
pub use magnitude::{Magnitudes, Norm, largest_of, scale_to, scaled_dot, wide};
pub use masked::{
    Arrangement, Contexts, Degrees, MaskedMemory, Modulated, PackedAutoregressive, PackedMasked,
    Rows, autoregress,
};
pub use memory::{Numbers, is_on_host, read};
pub use most::{most_double, most_single};
pub use number::{Number, Real};
pub use numerics::{
    HEADROOM, NETWORK_LIMIT, exponents, factor, factor_of, log_sigmoid, network_input, saturate,
    sigmoid, softplus, sum_features,
};
pub use packed_matrix::PackedMatrix;
pub use places::{Places, gather, merge, view};
pub use pointwise::{
    AffineMap, Bernstein, Blocks, Direction, Ends, Formula, Gaussianization, Knots, Least, Map,
    MapParameters, Pieces, PiecewisePolynomial, Pointwise, Shift, Spline, SumOfSquares,
    apply_in_place, pointwise, root,
};
pub use products::add_products;
pub use row_blocks::{BLOCK, Block, POINTS, RowBlocks, RowScratch};
pub use scale::LogScale;
pub use share::{share, share_whole, threads};
pub use triangular::{Plu, PluRows, plu};
pub use vectorized::{SimdLevel, vectorized};

/// The same functions as chains of tensor operations, to compare with.
#[doc(hidden)]
pub mod of_tensors {
    pub use crate::bernoulli::plain as bernoulli;
    pub use crate::channel_mix::plain as channel_mix;
    pub use crate::channel_scale::plain as channel_scale;
    pub use crate::conv::plain as convolutions;
    pub use crate::dense::plain as dense;
    pub use crate::density::plain as log_density;
    pub use crate::places::{plain_gather as gather, plain_merge as merge};
    pub use crate::pointwise::chain as pointwise;
    pub use crate::triangular::chain as plu;
}
