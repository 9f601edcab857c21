//! The items that most programs import: `use thalweg::prelude::*;`.

pub use burn::module::Module;
pub use burn::tensor::{DType, Device, Tensor};

pub use thalweg_data::Batches;
pub use thalweg_flow::{
    Affine, Base, Bijection, Coupling, Flow, Invert, LogDet, MlpConfig, Noise, Split, base,
};
pub use thalweg_models::{
    AutoregressiveFlow, AutoregressiveFlowConfig, Categorical, CategoricalConfig, ContinuousFlow,
    ContinuousFlowConfig, CouplingFlow, CouplingFlowConfig, Fvae, FvaeConfig, Glow, GlowConfig,
    ImageSize, Nice, NiceConfig, Vae, VaeConfig, Vib, VibConfig,
};
pub use thalweg_optim::SingleGradient;
#[cfg(feature = "progress")]
pub use thalweg_train::ProgressBar;
pub use thalweg_train::{Callback, Data, Trainer};
