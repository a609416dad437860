"""The server: arguments, launch, http_gate, errors, queue, service, zero_gpu, cleanup."""
