"""The world that aircheck is tested in: live origins, a YouTube, and an oracle for finished recordings."""
