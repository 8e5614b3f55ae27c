//! Random events of a listener's or publisher's day, the same for the same seed.

/// Randomness with a seed.
pub struct Sampling(fastrand::Rng);

impl Sampling {
    pub fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// How many events happen in a second with so many in the mean (Poisson).
    pub fn events(&mut self, mean: f64) -> u64 {
        let (mut count, mut product) = (0, self.0.f64());
        let limit = (-mean).exp();
        while product > limit {
            count += 1;
            product *= self.0.f64();
        }
        count
    }

    /// A rank from 1 to `most`, by Zipf's law with exponent 1 (log-uniform).
    pub fn rank(&mut self, most: u64) -> u64 {
        (most as f64).powf(self.0.f64()).floor().clamp(1.0, most as f64) as u64
    }

    /// A number from 1 to `most`, each as likely as any other.
    pub fn any(&mut self, most: u64) -> u64 {
        self.0.u64(1..=most)
    }

    /// Whether an event of this probability happens.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.0.f64() < probability
    }
}
