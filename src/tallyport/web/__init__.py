"""The portal (门户): pages for people, made from views; what a form asks for goes to the node."""
