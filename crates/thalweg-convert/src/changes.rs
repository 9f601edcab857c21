//! What a context and normalizations change in a network, on the host.

use thalweg_flow::{InBlocks, Modulation, ModulationConfig, Norm};

use crate::ConvertError;
use crate::state::StateDict;
use crate::weights::{Dense, Place};

/// Factors and summands of units.
#[derive(Debug, Clone)]
pub(crate) struct Factors {
    pub(crate) factors: Vec<f64>,
    pub(crate) summands: Vec<f64>,
}

/// The variance of the batch normalizations inside networks is larger by this.
const EPSILON: f64 = 1e-3;

impl Factors {
    /// `BatchNorm1d` in evaluation, if the module is there: `h ↦ w (h − m) / √(v + ε) + b`.
    pub(crate) fn batch_norm(
        state: &mut StateDict,
        module: &str,
    ) -> Result<Option<Self>, ConvertError> {
        if !state.has_module(module) {
            return Ok(None);
        }
        let weight = state.take(&format!("{module}.weight"))?;
        let [units] = weight.shape[..] else {
            return Err(weight.misshapen("[units]"));
        };
        let mut of = |tensor: &str| state.vector(&format!("{module}.{tensor}"), units);
        let (bias, mean, variance) = (of("bias")?, of("running_mean")?, of("running_var")?);
        if let Some(variance) = variance.iter().find(|v| **v + EPSILON <= 0.0) {
            return Err(ConvertError::Value {
                name: format!("{module}.running_var"),
                problem: format!("a variance is 0 or more, got {variance}"),
            });
        }
        state.buffer(&format!("{module}.num_batches_tracked"));
        let pairs = weight.values.iter().zip(&variance);
        let factors: Vec<f64> = pairs.map(|(w, v)| w / (v + EPSILON).sqrt()).collect();
        let summands = bias.iter().zip(mean.iter().zip(&factors));
        Ok(Some(Self {
            summands: summands.map(|(b, (m, f))| b - m * f).collect(),
            factors,
        }))
    }

    /// Of this many units, where there is one factor of all.
    pub(crate) fn of(self, module: &str, units: usize) -> Result<Self, ConvertError> {
        match self.factors.len() {
            1 => Ok(Self {
                factors: vec![self.factors[0]; units],
                summands: vec![self.summands[0]; units],
            }),
            found if found == units => Ok(self),
            found => Err(ConvertError::unsupported(
                module,
                format!("it sees a context of {units} numbers, the embedding has {found}"),
            )),
        }
    }

    /// Numbers of the unit box, of those between −1 and 1.
    pub(crate) fn from_unit_box(units: usize) -> Self {
        Self {
            factors: vec![0.5; units],
            summands: vec![0.5; units],
        }
    }

    /// The identity, of this number of units.
    fn identity(units: usize) -> Self {
        Self {
            factors: vec![1.0; units],
            summands: vec![0.0; units],
        }
    }
}

/// What a context and normalizations change in a network; see [`Modulation`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes {
    /// Behind the first layer and an activation.
    pub(crate) first: Option<Dense>,
    pub(crate) in_blocks: InBlocks,
    /// One for each block, or none.
    pub(crate) blocks: Vec<Dense>,
    /// One for each block, or none.
    pub(crate) norms: Vec<Factors>,
}

impl Changes {
    /// Of residual blocks: what stands in front of each, if anything does, and the layer of the context in each.
    ///
    /// # Errors
    ///
    /// Layers in some of the blocks, and those of another number of units.
    pub(crate) fn of_blocks(
        module: &str,
        width: usize,
        norms: Vec<Option<Factors>>,
        (in_blocks, contexts): (InBlocks, Vec<Option<Dense>>),
    ) -> Result<Self, ConvertError> {
        let has_norm = norms.iter().any(Option::is_some);
        let norms = norms.into_iter().filter(|_| has_norm);
        let norms = norms.map(|norm| norm.unwrap_or_else(|| Factors::identity(width)));
        let count = contexts.len();
        let blocks: Vec<Dense> = contexts.into_iter().flatten().collect();
        let found = Self {
            first: None,
            in_blocks: if blocks.is_empty() {
                InBlocks::Nothing
            } else {
                in_blocks
            },
            norms: norms.collect(),
            blocks,
        };
        if !found.blocks.is_empty() && found.blocks.len() != count {
            return Err(ConvertError::unsupported(
                module,
                format!("{} of {count} blocks see a context", found.blocks.len()),
            ));
        }
        found.check(module, width)?;
        Ok(found)
    }

    /// # Errors
    ///
    /// Layers and norms of another number of units than the network has, or of several contexts.
    pub(crate) fn check(&self, module: &str, width: usize) -> Result<(), ConvertError> {
        let layers = || self.first.iter().chain(&self.blocks);
        let norms = self.norms.iter().map(|norm| norm.factors.len());
        let mut units = layers().map(Dense::outputs).chain(norms);
        if let Some(units) = units.find(|units| *units != width) {
            return Err(ConvertError::unsupported(
                module,
                format!("a change of {units} units in a network of {width}"),
            ));
        }
        let context = self.context().unwrap_or(0);
        match layers().find(|layer| layer.inputs() != context) {
            None => Ok(()),
            Some(layer) => Err(ConvertError::unsupported(
                module,
                format!(
                    "one of its layers sees a context of {context} numbers, another one of {}",
                    layer.inputs()
                ),
            )),
        }
    }

    /// Numbers of the context, if there is one.
    pub(crate) fn context(&self) -> Option<usize> {
        self.first
            .iter()
            .chain(&self.blocks)
            .next()
            .map(Dense::inputs)
    }

    /// The layers of the context.
    pub(crate) fn layers_mut(&mut self) -> impl Iterator<Item = &mut Dense> {
        self.first.iter_mut().chain(&mut self.blocks)
    }

    /// The configuration, if anything changes.
    pub(crate) fn config(&self) -> Option<ModulationConfig> {
        let config = ModulationConfig {
            first: self.first.is_some(),
            blocks: self.in_blocks,
            norms: !self.norms.is_empty(),
        };
        (config != ModulationConfig::default()).then_some(config)
    }

    /// As a module, if anything changes.
    pub(crate) fn build(&self, place: &Place) -> Option<Modulation> {
        self.config()?;
        let first = self.first.as_ref().map(|layer| layer.linear(place));
        let blocks = self.blocks.iter().map(|layer| layer.linear(place));
        let vector = |values: &Vec<f64>| place.tensor(values.clone(), [values.len()]);
        let norms = self.norms.iter();
        let norms = norms.map(|norm| Norm::new(vector(&norm.factors), vector(&norm.summands)));
        let blocks = (self.in_blocks, blocks.collect());
        Some(Modulation::new(first, blocks, norms.collect()))
    }
}
