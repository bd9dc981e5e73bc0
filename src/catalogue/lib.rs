//! One folder per image that docker pull can bring.
