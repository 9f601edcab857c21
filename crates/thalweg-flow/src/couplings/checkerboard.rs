//! RealNVP's coupling between neighbouring pixels.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Int, Tensor, TensorData};

use crate::couplings::{check_kept, check_parameters};
use crate::invertible_backprop::{BackwardPass, WithGradient, through_coupling};
use crate::shape::guarded;
use crate::walk::{self, Visitor};
use crate::{Bijection, FlowError, LogDet, Network, Transformer, probe};

/// Keeps the pixels of one colour of a checkerboard and transforms the others, in all channels:
/// `z_t = τ(x_t; m(b ⊙ x))` with the mask `b` of the kept pixels.
///
/// The conditioner maps an image that is zero at the transformed pixels to parameters of every pixel;
/// those of the kept pixels are ignored.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Affine, Bijection, Checkerboard, ConvNetConfig, Noise};
///
/// let device = Device::default();
/// let net = ConvNetConfig::new(1, 8, 2).init(&mut Noise::seeded(0), &device);
/// let coupling = Checkerboard::new(Affine::new(), net);
/// let (z, log_det) = coupling.forward(Tensor::<4>::ones([3, 1, 5, 5], &device), &());
/// assert_eq!((z.dims(), log_det.dims()), ([3, 1, 5, 5], [3]));
/// ```
///
/// # Shapes
///
/// `[batch, channels, height, width]` to the same; any number of channels, odd sizes as well.
///
/// # Panics
///
/// When the conditioner returns another number of parameters than the transformer takes, and on
/// an image of one pixel.
///
/// # References
///
/// Dinh, Sohl-Dickstein, Bengio: *Density estimation using Real NVP*, 2017, section 3.4 and
/// figure 3.
#[derive(Module, Debug)]
pub struct Checkerboard<T: Module + ModuleDisplay, N: Module + ModuleDisplay> {
    keeps_odd: bool,
    pub(crate) transformer: T,
    pub(crate) conditioner: N,
}

impl<T: Transformer, N: Module + ModuleDisplay> Checkerboard<T, N> {
    /// Keeps the pixels whose row and column add up to an even number.
    pub fn new(transformer: T, conditioner: N) -> Self {
        Self {
            keeps_odd: false,
            transformer,
            conditioner,
        }
    }

    /// The same with the colours exchanged.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Additive, Bijection, Checkerboard, ConvNetConfig, Noise, WeightInit};
    ///
    /// // Additive shifts of every pixel of one colour: the two layers change different pixels.
    /// let device = Device::default();
    /// let config = ConvNetConfig::new(1, 4, 1).with_output_init(WeightInit::FanIn);
    /// let net = config.init(&mut Noise::seeded(0), &device);
    /// let (even, odd) = {
    ///     let layer = Checkerboard::new(Additive::new(), net);
    ///     (layer.clone(), layer.swapped())
    /// };
    /// let x = Tensor::<4>::ones([1, 1, 4, 4], &device);
    /// let [even, odd] = [even, odd].map(|layer| layer.forward(x.clone(), &()).0 - x.clone());
    /// assert_eq!((even * odd).abs().max().into_scalar::<f32>(), 0.0);
    /// ```
    pub fn swapped(self) -> Self {
        Self {
            keeps_odd: !self.keeps_odd,
            ..self
        }
    }

    /// Swapped in every other layer of a stack.
    pub fn alternating(self, layer: usize) -> Self {
        if layer.is_multiple_of(2) {
            self
        } else {
            self.swapped()
        }
    }

    /// The kept and the transformed positions.
    pub(crate) fn colours(&self, [height, width]: [usize; 2]) -> [Vec<usize>; 2] {
        colours([height, width], self.keeps_odd)
    }

    /// Applies the transformer in one direction to the transformed pixels.
    fn transformed<C>(
        &self,
        x: Tensor<4>,
        context: &C,
        map: impl FnOnce(Tensor<3>, Tensor<3>) -> (Tensor<3>, LogDet),
    ) -> (Tensor<4>, LogDet)
    where
        N: Network<C, 4>,
    {
        let (channels, dims) = (x.dims()[1], x.dims());
        check_kept("Checkerboard", self.conditioner.inputs(), channels, dims);
        guarded("Checkerboard", None, x, |x| {
            let board = Board::of(&x, self.keeps_odd);
            let [kept, transformed] = board.split(x);
            let parameters = self.parameters(&board, &kept, context);
            let (transformed, log_det) = map(transformed, parameters);
            (board.merge(kept, transformed), log_det)
        })
    }

    /// The parameters of the transformed pixels.
    fn parameters<C>(&self, board: &Board, kept: &Tensor<3>, context: &C) -> Tensor<3>
    where
        N: Network<C, 4>,
    {
        let blank = board.blank(kept);
        let image = blank.dims();
        let parameters = self.conditioner.apply(blank, context);
        probe::output("the conditioner of a Checkerboard", &parameters);
        check_parameters(&self.transformer, &parameters, image);
        let [_, parameters] = board.split(parameters);
        parameters
    }
}

impl<C, T: Transformer, N: Network<C, 4>> Bijection<C> for Checkerboard<T, N> {
    type Data = Tensor<4>;
    type Latent = Tensor<4>;

    fn forward(&self, x: Tensor<4>, context: &C) -> (Tensor<4>, LogDet) {
        self.transformed(x, context, |x, p| self.transformer.forward(x, p))
    }

    fn inverse(&self, z: Tensor<4>, context: &C) -> (Tensor<4>, LogDet) {
        self.transformed(z, context, |z, p| self.transformer.inverse(z, p))
    }

    fn backward(
        &self,
        z: WithGradient<Tensor<4>>,
        context: &C,
        pass: &mut BackwardPass,
    ) -> WithGradient<Tensor<4>> {
        if let Some(x) = pass.kept() {
            return pass.through(self, x, &z.gradient, |x| self.forward(x, context));
        }
        let board = Board::of(&z.value, self.keeps_odd);
        through_coupling(
            pass,
            self,
            &self.transformer,
            board.split(z.value),
            board.split(z.gradient),
            |kept| self.parameters(&board, kept, context),
            |kept, transformed| board.merge(kept, transformed),
        )
    }

    fn walk<V: Visitor>(&self, x: Tensor<4>, context: &C, visitor: &mut V) -> Tensor<4> {
        let board = Board::of(&x, self.keeps_odd);
        let [kept, transformed] = board.split(x.clone());
        let parameters = self.parameters(&board, &kept, context);
        let usage = self.transformer.usage(transformed, parameters);
        visitor.layer(self, x, context, walk::usage(usage))
    }

    fn initialize(mut self, x: Tensor<4>, context: &C) -> Result<(Self, Tensor<4>), FlowError> {
        let board = Board::of(&x, self.keeps_odd);
        let [kept, _] = board.split(x.clone());
        self.conditioner = self.conditioner.initialize(board.blank(&kept), context)?;
        let (z, _) = self.valid().forward(x, context);
        Ok((self, z))
    }
}

/// The kept and the transformed positions.
fn colours([height, width]: [usize; 2], keeps_odd: bool) -> [Vec<usize>; 2] {
    let is_kept = |position: &usize| {
        let odd = (position / width + position % width) % 2 == 1;
        odd == keeps_odd
    };
    let (kept, transformed) = (0..height * width).partition(is_kept);
    [kept, transformed]
}

/// The positions of an image of one size, by colour.
struct Board {
    height: usize,
    width: usize,
    kept: Tensor<1, Int>,
    transformed: Tensor<1, Int>,
    /// The index of each position in `[kept | transformed]`.
    places: Tensor<1, Int>,
}

impl Board {
    fn of(x: &Tensor<4>, keeps_odd: bool) -> Self {
        let [_, _, height, width] = x.dims();
        assert!(
            height * width > 1,
            "a checkerboard keeps one pixel or more and transforms one or more, got images of \
             {height} × {width} in {:?}",
            x.dims()
        );
        let [kept, transformed] = colours([height, width], keeps_odd);
        let mut places = vec![0; height * width];
        for (place, position) in kept.iter().chain(&transformed).enumerate() {
            places[*position] = place;
        }
        let device = x.device().without_autodiff();
        let tensor = |indices: Vec<usize>| {
            let indices: Vec<i64> = indices.into_iter().map(|i| i as i64).collect();
            let count = indices.len();
            Tensor::from_data(TensorData::new(indices, [count]), &device)
        };
        Self {
            height,
            width,
            kept: tensor(kept),
            transformed: tensor(transformed),
            places: tensor(places),
        }
    }

    /// `[kept, transformed]`, each `[batch, channels, pixels]`.
    fn split(&self, x: Tensor<4>) -> [Tensor<3>; 2] {
        let pixels: Tensor<3> = x.flatten(2, 3);
        let kept = pixels.clone().select(2, self.kept.clone());
        [kept, pixels.select(2, self.transformed.clone())]
    }

    fn merge(&self, kept: Tensor<3>, transformed: Tensor<3>) -> Tensor<4> {
        let [batch, channels, _] = kept.dims();
        Tensor::cat(vec![kept, transformed], 2)
            .select(2, self.places.clone())
            .reshape([batch, channels, self.height, self.width])
    }

    /// The kept pixels in an image that is zero elsewhere.
    fn blank(&self, kept: &Tensor<3>) -> Tensor<4> {
        let [batch, channels, pixels] = kept.dims();
        let shape = [batch, channels, self.height * self.width - pixels];
        let zeros = Tensor::zeros(shape, (&kept.device(), kept.dtype()));
        self.merge(kept.clone(), zeros)
    }
}
