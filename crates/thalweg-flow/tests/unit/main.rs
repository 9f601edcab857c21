//! Tests by topic; the laws of bijections and the numbers of other libraries are targets of their
//! own.

mod actnorm;
mod autodiff;
mod base;
mod bits;
mod compose;
mod convolution;
mod coupling;
mod dequantize;
mod flow;
mod host;
mod latent;
mod linear;
mod multi_scale;
mod noise;
mod permutation;
mod precision;
mod reversible;
mod scale;
mod scale_maps;
mod spline;
mod split;
mod squeeze;
mod standardize;
mod warnings;
mod whiten;
