//! Tokens: 128 random bits in hexadecimal digits.

use crate::error::DashboardError;

/// A new token.
///
/// # Errors
/// The system has no random numbers.
pub fn draw() -> Result<String, DashboardError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|e| DashboardError::Token(e.to_string()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Whether two tokens are the same, in a time that tells nothing of where they differ.
pub fn is_same(a: &str, b: &str) -> bool {
    let differing = a.bytes().zip(b.bytes()).fold(0, |all, (x, y)| all | (x ^ y));
    a.len() == b.len() && differing == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_are_compared_whole() {
        let (a, b) = (draw().unwrap(), draw().unwrap());
        assert_eq!(a.len(), 32);
        assert!(is_same(&a, &a) && !is_same(&a, &b) && !is_same(&a, &a[..31]) && !is_same("", &a));
    }
}
