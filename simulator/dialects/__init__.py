"""How simulated devices speak on the wire, written from the specifications and not from our own decoders."""
