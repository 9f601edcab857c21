//! The numbers of other libraries: values, log-determinants, densities and gradients, to 1e-10 in
//! f64 and 1e-5 in f32, on every CPU backend. `README.md` says where the files come from.

mod autoregressive;
mod compare;
mod continuous;
mod elementwise;
mod file;
mod fixtures;
mod glow;
mod linear;
mod multi_scale;
mod nice;
mod planar_radial;
mod realnvp;
mod spline;
mod squeeze;
