//! What a context and fixed factors do inside a network.

mod config;

pub use config::{InBlocks, ModulationConfig};

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::Tensor;
use thalweg_kernels::sigmoid;

use super::Activation;

/// Changes at the layers of a [`ResidualMlp`](super::ResidualMlp) or a [`MaskedMlp`](super::MaskedMlp), by a context
/// `c`, the last inputs of the network, and by factors and summands in front of the blocks.
///
/// `h = W₀x + b₀ + a(V c + v)`, then each block is one of
///
/// | [`InBlocks`] | block |
/// |---|---|
/// | `Shift` | `h ← h + W₂ a(W₁ a(f ⊙ h + g) + U c + u)` |
/// | `Gate` | `h ← h + (W₂ a(W₁ a(f ⊙ h + g))) ⊙ σ(U c + u)` |
///
/// and each of the three, `V`, `U` and `f` with `g`, may be missing. A masked network that is not residual has `V` alone.
///
/// A batch normalization in evaluation is such an `f` and `g`. A gate is a gated linear unit whose gate sees the
/// context alone.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{InBlocks, ModulationConfig, Noise, ResidualMlpConfig};
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// // Two features and three numbers of a context, which gates both blocks.
/// let network = ResidualMlpConfig::new(2 + 3, 16, 2, 4).init(&mut noise, &device);
/// let config = ModulationConfig { blocks: InBlocks::Gate, ..ModulationConfig::default() };
/// assert!(config.sees_context());
/// let network = network.with_modulation(config.init([3, 16, 2], &mut noise, &device));
/// assert_eq!(network.forward(Tensor::ones([7, 5], &device)).dims(), [7, 4]);
/// ```
///
/// # References
///
/// Dauphin, Fan, Auli, Grangier: *Language modeling with gated convolutional networks*, 2017, eq. 1; in conditioners:
/// the code of Durkan, Bekasov, Murray, Papamakarios: *Neural spline flows*, 2019.
#[derive(Module, Debug)]
pub struct Modulation {
    /// `V`, `v`.
    pub(crate) first: Option<Linear>,
    /// `U`, `u` of each block; none without a context there.
    pub(crate) blocks: Vec<Linear>,
    /// Of each block; none without them.
    pub(crate) norms: Vec<Norm>,
    #[module(skip)]
    in_blocks: InBlocks,
}

/// Factors and summands in front of an activation.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{InBlocks, Modulation, Noise, Norm, ResidualMlpConfig};
///
/// // Factors of 1 and summands of 0 change nothing.
/// let device = Device::default();
/// let network = ResidualMlpConfig::new(2, 8, 1, 1).init(&mut Noise::seeded(0), &device);
/// let norm = Norm::new(Tensor::ones([8], &device), Tensor::zeros([8], &device));
/// let modulation = Modulation::new(None, (InBlocks::Nothing, vec![]), vec![norm]);
/// let x = Tensor::<2>::ones([1, 2], &device);
/// let plain = network.forward(x.clone());
/// let same = network.with_modulation(modulation).forward(x);
/// assert!((plain - same).abs().into_scalar::<f32>() < 1e-6);
/// ```
#[derive(Module, Debug)]
pub struct Norm {
    pub(crate) factor: Param<Tensor<1>>,
    pub(crate) summand: Param<Tensor<1>>,
}

impl Norm {
    /// `h ↦ f ⊙ h + g`.
    pub fn new(factor: Tensor<1>, summand: Tensor<1>) -> Self {
        Self {
            factor: Param::from_tensor(factor),
            summand: Param::from_tensor(summand),
        }
    }
}

/// Some numbers of the context, behind their function, that change the units of a layer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    /// Among all of them, in the order of the layers.
    pub(crate) index: usize,
    /// Whether they are factors; otherwise they are summands.
    pub(crate) is_gate: bool,
}

impl Modulation {
    /// Of given layers, `first` that of `V`, and one of `blocks` and of `norms` for each block, or none.
    pub fn new(
        first: Option<Linear>,
        (in_blocks, blocks): (InBlocks, Vec<Linear>),
        norms: Vec<Norm>,
    ) -> Self {
        Self {
            first,
            blocks,
            norms,
            in_blocks,
        }
    }

    /// Numbers of the context that it reads, if it reads one.
    pub(crate) fn context(&self) -> Option<usize> {
        let mut layers = self.first.iter().chain(&self.blocks);
        layers.next().map(|layer| layer.weight.val().dims()[0])
    }

    /// # Panics
    ///
    /// Unless it fits a network with these numbers of context, hidden units and blocks.
    pub(crate) fn assert_fits(&self, [context, width, blocks]: [usize; 3]) {
        for layer in self.first.iter().chain(&self.blocks) {
            let found = layer.weight.val().dims();
            assert!(
                found == [context, width],
                "a network of {context} numbers of context and {width} units is modulated by weights of \
                 {:?}, got {found:?}",
                [context, width]
            );
        }
        for norm in &self.norms {
            let found = [norm.factor.val().dims(), norm.summand.val().dims()];
            assert!(
                found == [[width]; 2],
                "a layer of {width} units got norms of {found:?}"
            );
        }
        for found in [self.blocks.len(), self.norms.len()] {
            assert!(
                found == 0 || found == blocks,
                "a network of {blocks} blocks got modulations of {found}"
            );
        }
    }

    /// What changes the units of a layer: 0 is the first one, each block has two, and the last one follows.
    pub(crate) fn part(&self, layer: usize) -> Option<Part> {
        let is_gate = self.in_blocks == InBlocks::Gate;
        let before = usize::from(self.first.is_some());
        if layer == 0 {
            return self.first.is_some().then_some(Part {
                index: 0,
                is_gate: false,
            });
        }
        let (block, second) = ((layer - 1) / 2, layer.is_multiple_of(2));
        (block < self.blocks.len() && second == is_gate).then_some(Part {
            index: before + block,
            is_gate,
        })
    }

    /// What stands in front of the activation in front of a layer.
    pub(crate) fn norm(&self, layer: usize) -> Option<&Norm> {
        (!layer.is_multiple_of(2))
            .then(|| self.norms.get(layer / 2))
            .flatten()
    }

    /// The layers of the context and the function behind each, in their order.
    pub(crate) fn functions(
        &self,
        activation: Activation,
    ) -> impl Iterator<Item = (&Linear, Function)> {
        let first = self.first.iter();
        let first = first.map(move |layer| (layer, Function::Activation(activation)));
        let of_blocks = match self.in_blocks {
            InBlocks::Nothing | InBlocks::Shift => Function::Identity,
            InBlocks::Gate => Function::Sigmoid,
        };
        first.chain(self.blocks.iter().map(move |layer| (layer, of_blocks)))
    }

    /// The numbers of each part, `[rows, units]`.
    pub(crate) fn numbers(&self, context: &Tensor<2>, activation: Activation) -> Vec<Tensor<2>> {
        let parts = self.functions(activation);
        let numbers = |(layer, function): (&Linear, Function)| {
            let y = layer.forward(context.clone());
            match function {
                Function::Identity => y,
                Function::Activation(activation) => activation.apply(y),
                Function::Sigmoid => sigmoid(y),
            }
        };
        parts.map(numbers).collect()
    }

    /// `f ⊙ h + g` in front of a layer, or `h`.
    pub(crate) fn normed(&self, layer: usize, h: Tensor<2>) -> Tensor<2> {
        match self.norm(layer) {
            None => h,
            Some(norm) => h * norm.factor.val().unsqueeze() + norm.summand.val().unsqueeze(),
        }
    }

    /// The units of a layer, changed by their part of the numbers.
    pub(crate) fn changed(&self, layer: usize, y: Tensor<2>, numbers: &[Tensor<2>]) -> Tensor<2> {
        match self.part(layer) {
            None => y,
            Some(Part { index, is_gate, .. }) => {
                let numbers = numbers[index].clone();
                if is_gate { y * numbers } else { y + numbers }
            }
        }
    }
}

/// The function behind a layer of a context.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Function {
    Identity,
    Activation(Activation),
    Sigmoid,
}
