use std::time::Instant;
use thalweg_sbi::*;
#[test]
fn tmp_cost() {
    use rand::RngExt;
    for (width, n, members) in [(10usize, 2000usize, 1usize), (200, 2000, 1)] {
        let simulator = move |theta: &[f64], rng: &mut rand::rngs::ChaCha8Rng| -> Vec<f64> {
            (0..width)
                .map(|k| theta[k % 3] + rng.random::<f64>())
                .collect()
        };
        let s = Simulate::new(Uniform::new([[-1.0, 1.0]; 3]).unwrap(), simulator);
        let sims = s.run(n).unwrap();
        let t = Instant::now();
        let _ = Npe::new(s.prior()).members(members).fit(&sims).unwrap();
        eprintln!("{width} {n} total {:?}", t.elapsed());
    }
}
