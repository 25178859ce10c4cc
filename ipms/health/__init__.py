"""Whether the parts of the site are alive: signs that they give, and checks that ask for them."""
